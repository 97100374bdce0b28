; Quorate's installer: per machine, 64-bit, silent with /S, another folder with /D=... (last, without quotes).
; The uninstaller: silent with /S; /REMOVEDATA also removes the journal and the settings of the account that runs it.
; Built by Debian's makensis for amd64-unicode; only plug-ins that come with NSIS.
Unicode true
Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "WinVer.nsh"
!include "x64.nsh"
!include "LogicLib.nsh"

; Given on the command line: VERSION, PAYLOAD (folder), OUTPUT, SIZE_KB
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Quorate"
Name "Quorate ${VERSION}"
OutFile "${OUTPUT}"
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
!insertmacro MUI_PAGE_LICENSE "${PAYLOAD}/LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; Exit codes beside those of NSIS (0 done, 1 cancelled, 2 aborted): 3 this Windows is too old, 4 files are in use.
!macro Refuse code text
  SetErrorLevel ${code}
  DetailPrint "${text}"
  IfSilent +2
  MessageBox MB_ICONSTOP|MB_OK "${text}"
  Quit
!macroend

; Ends the agent of this installation by its own command; what it works on is cancelled and cleaned up by it.
!macro StopAgent
  ${If} ${FileExists} "$INSTDIR\app\dist\cli\quorate.mjs"
    DetailPrint "Stopping the Quorate agent, if one runs"
    nsExec::ExecToLog '"$INSTDIR\node.exe" "$INSTDIR\app\dist\cli\quorate.mjs" agent stop'
    Pop $0
  ${EndIf}
!macroend

Function .onInit
  SetRegView 64
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
FunctionEnd

Section "Quorate"
  SetShellVarContext all
  !insertmacro StopAgent
  ; A program that runs cannot be replaced: said before anything is.
  ${If} ${FileExists} "$INSTDIR\node.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\node.exe" a
    ${If} ${Errors}
      !insertmacro Refuse 4 "$INSTDIR\node.exe is in use. Close Quorate and its consoles on this server, then start setup again. Nothing was changed."
    ${EndIf}
    FileClose $0
    ; What an earlier version had and this one has not must not stay.
    RMDir /r "$INSTDIR\app"
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}/*"
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
SectionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

Section "Uninstall"
  SetShellVarContext current
  !insertmacro StopAgent
  ; Tasks that go on after a restart, reverts that are armed, firewall rules: Quorate makes them with these names only.
  ; Windows' own PowerShell by its place, never by the PATH.
  ${If} ${FileExists} "$WINDIR\System32\WindowsPowerShell\v1.0\powershell.exe"
    DetailPrint "Removing scheduled tasks and firewall rules of Quorate"
    nsExec::ExecToLog '"$WINDIR\System32\WindowsPowerShell\v1.0\powershell.exe" -NoProfile -NonInteractive -Command "Get-ScheduledTask -TaskPath ''\Quorate\'' -ErrorAction SilentlyContinue | Unregister-ScheduledTask -Confirm:$$false; Get-NetFirewallRule -Group ''Quorate'' -ErrorAction SilentlyContinue | Remove-NetFirewallRule"'
    Pop $0
  ${EndIf}
  RMDir /r "$INSTDIR\app"
  Delete "$INSTDIR\node.exe"
  Delete "$INSTDIR\quorate.cmd"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD-PARTY-NOTICES.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  ; Only when it is empty: what somebody else put there stays.
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${KEY}"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/REMOVEDATA" $1
  ${IfNot} ${Errors}
    RMDir /r "$LOCALAPPDATA\Quorate"
    DetailPrint "Removed: $LOCALAPPDATA\Quorate (journal, settings, identity)"
  ${Else}
    DetailPrint "Left on this server: $LOCALAPPDATA\Quorate (journal, settings, identity). uninstall.exe /REMOVEDATA removes it."
  ${EndIf}
SectionEnd
