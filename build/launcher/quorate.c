/*
 * quorate.exe: the console program of an installed Quorate.
 *
 * An Electron executable belongs to the window subsystem, so a console neither waits for it nor shows what it prints.
 * This small console program runs the command line inside the same runtime (ELECTRON_RUN_AS_NODE) with the console's own
 * handles and hands its exit code on. Without arguments it opens the window and ends.
 */
#define WIN32_LEAN_AND_MEAN
#ifndef UNICODE
#define UNICODE
#endif
#include <windows.h>
#include <shellapi.h>
#include <wchar.h>

#define LONGEST 32768

#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740
#endif

static wchar_t folder[LONGEST];
static wchar_t command[LONGEST];

static BOOL WINAPI leave_to_child(DWORD event) {
  (void)event;
  return TRUE; /* Ctrl-C reaches the child through the console; this process waits for its exit code. */
}

/*
 * The command line behind the program's own name, exactly as it was typed. The C runtime ends the name at the first blank
 * that is not between quotation marks; a mark may stand anywhere in it and a backslash escapes none ("Parsing C
 * command-line arguments", Microsoft).
 */
static const wchar_t *skip_program_name(const wchar_t *line) {
  BOOL quoted = FALSE;
  for (; *line && (quoted || (*line != L' ' && *line != L'\t')); line++)
    if (*line == L'"') quoted = !quoted;
  while (*line == L' ' || *line == L'\t') line++;
  return line;
}

static void say(const wchar_t *text) {
  DWORD written;
  int length = (int)wcslen(text);
  HANDLE err = GetStdHandle(STD_ERROR_HANDLE);
  if (!WriteConsoleW(err, text, (DWORD)length, &written, NULL)) {
    char narrow[1024];
    int bytes = WideCharToMultiByte(CP_UTF8, 0, text, length, narrow, sizeof narrow, NULL, NULL);
    WriteFile(err, narrow, (DWORD)bytes, &written, NULL);
  }
}

static int fail(const wchar_t *what) {
  wchar_t text[1024];
  swprintf(text, 1024, L"%ls (Windows code %lu). Install Quorate again or run it from its own folder.\r\n", what,
           GetLastError());
  say(text);
  return 1;
}

/* The window asks for elevation; a console without it starts the command line as it is, which reads and refuses to change. */
static const wchar_t *run_as_invoker = L"RunAsInvoker";

static BOOL open_window_elevated(void) {
  wchar_t program[LONGEST];
  if (swprintf(program, LONGEST, L"%ls\\quorate-window.exe", folder) < 0) return FALSE;
  return (INT_PTR)ShellExecuteW(NULL, L"open", program, NULL, NULL, SW_SHOWNORMAL) > 32;
}

int main(void) {
  DWORD length = GetModuleFileNameW(NULL, folder, LONGEST);
  if (length == 0 || length >= LONGEST) return fail(L"quorate.exe cannot find its own folder");
  wchar_t *last = wcsrchr(folder, L'\\');
  if (last) *last = 0;

  const wchar_t *arguments = skip_program_name(GetCommandLineW());
  BOOL has_arguments = *arguments != 0;
  int made = has_arguments
                 ? swprintf(command, LONGEST, L"\"%ls\\quorate-window.exe\" \"%ls\\resources\\app.asar\\dist\\cli\\quorate.mjs\" %ls",
                            folder, folder, arguments)
                 : swprintf(command, LONGEST, L"\"%ls\\quorate-window.exe\"", folder);
  if (made < 0) return fail(L"The command line is too long");

  if (has_arguments) {
    SetEnvironmentVariableW(L"ELECTRON_RUN_AS_NODE", L"1");
    SetEnvironmentVariableW(L"__COMPAT_LAYER", run_as_invoker);
  } else SetEnvironmentVariableW(L"ELECTRON_RUN_AS_NODE", NULL);

  STARTUPINFOW startup = {0};
  PROCESS_INFORMATION process = {0};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  SetConsoleCtrlHandler(leave_to_child, TRUE);
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
    if (GetLastError() != ERROR_ELEVATION_REQUIRED) return fail(L"quorate-window.exe could not be started");
    if (!has_arguments && open_window_elevated()) return 0;
    say(L"This console is not elevated. Open an elevated console (\"Run as administrator\") and run quorate there.\r\n");
    return 1;
  }
  CloseHandle(process.hThread);
  if (!has_arguments) {
    CloseHandle(process.hProcess);
    return 0;
  }
  DWORD code = 1;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  CloseHandle(process.hProcess);
  return (int)code;
}
