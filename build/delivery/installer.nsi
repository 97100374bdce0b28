; Quorate's installer: per machine, 64-bit, silent with /S, another folder with /D=... (last, without quotes).
; The uninstaller: silent with /S; /REMOVEDATA also removes the journal and the settings of the account that runs it.
; Both take /FORCE: also while something waits for a restart or for a person; never while Quorate works on something.
; Both write what they do to %TEMP%\quorate-setup.log, or to the file of /LOG=FILE, and to the console that started them.
; Built by Debian's makensis for amd64-unicode; only plug-ins that come with NSIS.
Unicode true
Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "WinVer.nsh"
!include "x64.nsh"
!include "LogicLib.nsh"
!include "WordFunc.nsh"

; Given on the command line: VERSION, LICENCE (file), OUTPUT, SIZE_KB, and FILES, a script that installer.mjs writes, with the macros
; InstallFiles, DeleteFiles and ClearVariables; where a certificate is given SIGN, the command that signs the uninstaller: NSIS takes a folder's files in the order of the disk, which is another one in every build.
!include "${FILES}"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Quorate"
Name "Quorate ${VERSION}"
OutFile "${OUTPUT}"
!ifdef SIGN
  !uninstfinalize '${SIGN}' = 0
!endif
InstallDir "$PROGRAMFILES64\Quorate"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
SetDateSave off
ManifestSupportedOS all
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Quorate"
VIAddVersionKey "FileDescription" "Quorate setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "the Quorate developers"
ShowInstDetails show
ShowUninstDetails show

!define MUI_WELCOMEPAGE_TITLE "Quorate ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "From bare Windows servers to a Hyper-V failover cluster.$\r$\n$\r$\nSetup copies files and adds an entry to the list of programs. It changes nothing else on this server. An earlier version is replaced; journal and settings stay."
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var Log

; Exit codes beside those of NSIS (0 done, 1 cancelled, 2 aborted): 3 this Windows is too old, 4 files are in use, 5 Quorate is at work or
; something is unfinished, 6 a newer version is installed.
!macro Say text
  DetailPrint "${text}"
  ${If} $Log != ""
    FileWriteUTF16LE $Log "${text}$\r$\n"
  ${EndIf}
  ${If} ${Silent}
    ; A program with windows has no console of its own; it may have been given one, or a file, by who started it.
    Push $R9
    System::Call 'kernel32::GetStdHandle(i -11)p.R9'
    ${If} $R9 P<> 0
      FileWrite $R9 "${text}$\r$\n"
    ${EndIf}
    Pop $R9
  ${EndIf}
!macroend

!macro Refuse code text
  SetErrorLevel ${code}
  !insertmacro Say "${text}"
  IfSilent +2
  MessageBox MB_ICONSTOP|MB_OK "${text}"
  Quit
!macroend

!macro Begin title
  SetRegView 64
  ${If} ${Silent}
    System::Call 'kernel32::AttachConsole(i -1)'
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/LOG=" $1
  ${If} ${Errors}
    StrCpy $1 "$TEMP\quorate-setup.log"
  ${EndIf}
  ClearErrors
  FileOpen $Log $1 w
  ${If} ${Errors}
    StrCpy $Log ""
  ${Else}
    FileWriteUTF16LE /BOM $Log "${title}$\r$\n"
  ${EndIf}
  ; A user's own variables reach elevated programs as well: none of them decides what node.exe loads.
  !insertmacro ClearVariables
!macroend

; A program that runs cannot be replaced or deleted: said before anything is. $R0: how often to ask, twice a second.
!macro RefuseWhileInUse
  ${If} ${FileExists} "$INSTDIR\node.exe"
    ${Do}
      ClearErrors
      FileOpen $0 "$INSTDIR\node.exe" a
      ${IfNot} ${Errors}
        FileClose $0
        ${ExitDo}
      ${EndIf}
      IntOp $R0 $R0 - 1
      ${If} $R0 <= 0
        !insertmacro Refuse 4 "$INSTDIR\node.exe is in use. Close Quorate and its consoles on this server, then try again. Nothing was changed."
      ${EndIf}
      Sleep 500
    ${Loop}
  ${EndIf}
!macroend

; Asks the installed Quorate; its exit code is in $0, what it said in $1. A program that does not start is tried again: whatever holds it for a moment, a
; scanner for viruses say, must not make an answer of it.
!macro AskQuorate WORDS
  StrCpy $R1 4
  ${Do}
    nsExec::ExecToStack '"$INSTDIR\node.exe" "$INSTDIR\app\dist\cli\quorate.mjs" ${WORDS}'
    Pop $0
    Pop $1
    IntOp $R1 $R1 - 1
    ${If} $0 != "error"
    ${OrIf} $R1 <= 0
      ${ExitDo}
    ${EndIf}
    Sleep 500
  ${Loop}
!macroend

; What was begun and goes on after a restart, or waits for a person, needs the program: asked of it before anything else. Exit code 4 says that there
; is something; a version before that question, and data that cannot be read, do not stand in the way. /FORCE does not ask.
!macro RefuseUnfinished
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/FORCE" $1
  ${If} ${Errors}
  ${AndIf} ${FileExists} "$INSTDIR\app\dist\cli\quorate.mjs"
    !insertmacro Say "Asking Quorate whether something is unfinished"
    !insertmacro AskQuorate "update --check"
    ${If} $0 == 4
      !insertmacro Refuse 5 "Something that Quorate began on this server is unfinished. $1 /FORCE goes on all the same. Nothing was changed."
    ${EndIf}
    ${If} $0 == 1
      !insertmacro Say "Not known: whether something is unfinished. $1"
    ${EndIf}
  ${EndIf}
!macroend

; Ends the agent of this installation by its own command. It refuses while it works on something, a formation say (exit code 4), and so does
; this. A core of another data folder or account is not asked; it is seen by its program, which is in use.
!macro StopAgent
  !insertmacro RefuseUnfinished
  StrCpy $R0 1
  ${If} ${FileExists} "$INSTDIR\app\dist\cli\quorate.mjs"
    !insertmacro Say "Stopping the Quorate agent, if one runs"
    !insertmacro AskQuorate "agent stop"
    ${If} $0 == 4
      !insertmacro Refuse 5 "Quorate is at work on this server. $1 Wait until it is done, or cancel it in Quorate, then try again. Nothing was changed."
    ${EndIf}
    ; What was told to end takes a moment.
    StrCpy $R0 10
  ${EndIf}
  !insertmacro RefuseWhileInUse
!macroend

Function .onInit
  !insertmacro Begin "Quorate ${VERSION} setup"
  ${IfNot} ${AtLeastBuild} 14393
    !insertmacro Refuse 3 "Quorate needs Windows Server 2016 or newer (build 14393). For an older server make a collector: quorate collect."
  ${EndIf}
  ; An upgrade goes where the earlier version is, unless /D says otherwise.
  ${If} $INSTDIR == "$PROGRAMFILES64\Quorate"
    ReadRegStr $0 HKLM "${KEY}" "InstallLocation"
    ${If} $0 != ""
      StrCpy $INSTDIR $0
    ${EndIf}
  ${EndIf}
  ; An older version may not read what a newer one has written to the journal.
  ReadRegStr $2 HKLM "${KEY}" "DisplayVersion"
  ${If} $2 != ""
    ${VersionCompare} $2 "${VERSION}" $3
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/DOWNGRADE" $1
    ${If} $3 == 1
    ${AndIf} ${Errors}
      !insertmacro Refuse 6 "Quorate $2 is installed, which is newer than ${VERSION}. /DOWNGRADE installs ${VERSION} all the same. Nothing was changed."
    ${EndIf}
  ${EndIf}
FunctionEnd

Function .onInstFailed
  !insertmacro Say "Setup did not finish. Start it again: it replaces what is there; journal and settings were not touched."
FunctionEnd

Section "Quorate"
  SetShellVarContext all
  !insertmacro StopAgent
  ; What an earlier version had and this one has not must not stay.
  ${If} ${FileExists} "$INSTDIR\node.exe"
    RMDir /r "$INSTDIR\app"
  ${EndIf}
  !insertmacro InstallFiles
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${KEY}" "DisplayName" "Quorate"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "Publisher" "the Quorate developers"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${KEY}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
  !insertmacro Say "Quorate ${VERSION} is installed in $INSTDIR. Open an elevated console there: quorate readiness"
SectionEnd

Function un.onInit
  !insertmacro Begin "Removal of Quorate ${VERSION}"
FunctionEnd

Section "Uninstall"
  SetShellVarContext current
  !insertmacro StopAgent
  ; Quorate puts its scheduled tasks into a folder of their own: what goes on after a restart, and reverts that are armed. It makes no firewall
  ; rules; the group is removed should a later version make some. Windows' own PowerShell by its place, never by the PATH.
  ${If} ${FileExists} "$WINDIR\System32\WindowsPowerShell\v1.0\powershell.exe"
    nsExec::ExecToStack `"$WINDIR\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -NonInteractive -Command "$$ErrorActionPreference = 'Stop'; Get-ScheduledTask -TaskPath '\Quorate\' -ErrorAction SilentlyContinue | Unregister-ScheduledTask -Confirm:$$false; Get-NetFirewallRule -Group 'Quorate' -ErrorAction SilentlyContinue | Remove-NetFirewallRule"`
    Pop $0
    Pop $1
    ${If} $0 == 0
      !insertmacro Say "Removed: Quorate's scheduled tasks (going on after a restart, armed reverts) and firewall rules"
    ${Else}
      !insertmacro Say "Not removed: Quorate's scheduled tasks and firewall rules (PowerShell ended with $0). Look into the folder \Quorate of the Task Scheduler."
    ${EndIf}
  ${Else}
    !insertmacro Say "Not removed: Quorate's scheduled tasks and firewall rules, because there is no Windows PowerShell. Look into the folder \Quorate of the Task Scheduler."
  ${EndIf}
  !insertmacro DeleteFiles
  Delete "$INSTDIR\uninstall.exe"
  ; Only when it is empty: what somebody else put there stays.
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${KEY}"
  ${If} ${FileExists} "$INSTDIR\*.*"
    !insertmacro Say "Left: $INSTDIR, because there are files in it that setup did not put there"
  ${Else}
    !insertmacro Say "Removed: $INSTDIR"
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/REMOVEDATA" $1
  ${IfNot} ${Errors}
    RMDir /r "$LOCALAPPDATA\Quorate"
    !insertmacro Say "Removed: $LOCALAPPDATA\Quorate (journal, settings, identity)"
  ${Else}
    !insertmacro Say "Left: $LOCALAPPDATA\Quorate (journal, settings, identity). uninstall.exe /REMOVEDATA removes it as well."
  ${EndIf}
  !insertmacro Say "Left: data folders of other accounts and of --data, and what was set up on this server (adapters, disks, roles, cluster)"
SectionEnd
