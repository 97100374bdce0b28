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
#include <wchar.h>

#define LONGEST 32768

static wchar_t folder[LONGEST];
static wchar_t command[LONGEST];

static BOOL WINAPI leave_to_child(DWORD event) {
  (void)event;
  return TRUE; /* Ctrl-C reaches the child through the console; this process waits for its exit code. */
}

/* The command line behind the program's own name, exactly as it was typed. */
static const wchar_t *skip_program_name(const wchar_t *line) {
  if (*line == L'"') {
    for (line++; *line && *line != L'"'; line++) {}
    if (*line) line++;
  } else {
    while (*line && *line != L' ' && *line != L'\t') line++;
  }
  while (*line == L' ' || *line == L'\t') line++;
  return line;
}

static int fail(const wchar_t *what) {
  wchar_t text[1024];
  DWORD written;
  int length = swprintf(text, 1024, L"%ls (Windows code %lu). Install Quorate again or run it from its own folder.\r\n", what,
                        GetLastError());
  HANDLE err = GetStdHandle(STD_ERROR_HANDLE);
  if (!WriteConsoleW(err, text, (DWORD)length, &written, NULL)) {
    char narrow[1024];
    int bytes = WideCharToMultiByte(CP_UTF8, 0, text, length, narrow, sizeof narrow, NULL, NULL);
    WriteFile(err, narrow, (DWORD)bytes, &written, NULL);
  }
  return 1;
}

int main(void) {
  DWORD length = GetModuleFileNameW(NULL, folder, LONGEST);
  if (length == 0 || length >= LONGEST) return fail(L"quorate.exe can not find its own folder");
  wchar_t *last = wcsrchr(folder, L'\\');
  if (last) *last = 0;

  const wchar_t *arguments = skip_program_name(GetCommandLineW());
  BOOL has_arguments = *arguments != 0;
  int made = has_arguments
                 ? swprintf(command, LONGEST, L"\"%ls\\quorate-window.exe\" \"%ls\\resources\\app.asar\\dist\\cli\\quorate.mjs\" %ls",
                            folder, folder, arguments)
                 : swprintf(command, LONGEST, L"\"%ls\\quorate-window.exe\"", folder);
  if (made < 0) return fail(L"The command line is too long");

  if (has_arguments) SetEnvironmentVariableW(L"ELECTRON_RUN_AS_NODE", L"1");
  else SetEnvironmentVariableW(L"ELECTRON_RUN_AS_NODE", NULL);

  STARTUPINFOW startup = {0};
  PROCESS_INFORMATION process = {0};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  SetConsoleCtrlHandler(leave_to_child, TRUE);
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
    return fail(L"quorate-window.exe could not be started");
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
