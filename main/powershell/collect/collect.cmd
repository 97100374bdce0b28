@echo off
rem Collects the facts of this server for Quorate with wmic alone: for Windows Server 2008 Core, which has no PowerShell.
rem It only reads. It writes a folder facts-NAME beside itself with one file per class.
rem Bring the folder to a machine with Quorate:   quorate readiness --facts facts-NAME
setlocal
set "TARGET=%~dp0facts-%COMPUTERNAME%"
if not exist "%TARGET%" mkdir "%TARGET%"
if not exist "%TARGET%" (
  echo The folder "%TARGET%" cannot be made. Copy this file to a disk that can be written to.
  exit /b 1
)
pushd "%TARGET%"
if not exist "%SystemRoot%\System32\wbem\wmic.exe" (
  echo There is no wmic on this server. Use Collect-QuorateFacts.ps1 instead.
  popd
  exit /b 1
)
set "WMIC=%SystemRoot%\System32\wbem\wmic.exe"
rem What an earlier run left must not pass for what is read now.
if exist *.wmi del /q *.wmi

for %%C in (Win32_Processor Win32_OperatingSystem Win32_ComputerSystem Win32_ComputerSystemProduct Win32_BIOS Win32_PhysicalMemory Win32_QuickFixEngineering Win32_NetworkAdapter) do (
  echo Reading %%C
  "%WMIC%" /output:%%C.wmi path %%C get /value <nul
)
echo Reading Win32_Service
"%WMIC%" /output:Win32_Service.wmi path Win32_Service where "Name='vmms' or Name='W32Time'" get Name,Started,State,StartMode /value <nul
rem The classes below exist on newer systems only; where they do not, the file stays empty and is removed.
"%WMIC%" /namespace:\\root\StandardCimv2 /output:MSFT_NetAdapter.wmi path MSFT_NetAdapter get /value <nul 2>nul
"%WMIC%" /namespace:\\root\Microsoft\Windows\DeviceGuard /output:Win32_DeviceGuard.wmi path Win32_DeviceGuard get /value <nul 2>nul
for %%F in (*.wmi) do if %%~zF LEQ 8 del "%%F"
set READ=0
for %%F in (*.wmi) do set /a READ+=1 >nul
popd
if %READ%==0 (
  echo Nothing could be read. Run this file as an administrator, and see whether the service Winmgmt runs.
  exit /b 1
)
echo Written: "%TARGET%" (%READ% classes)
exit /b 0
