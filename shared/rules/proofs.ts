import type { Remediation } from '../model/check.ts';

/** Ways to prove what could not be read: every unknown about virtualization names one of these. */
export const collectProcessor: Remediation = {
  text: 'Collect Win32_Processor and Win32_ComputerSystem on Windows Server 2012 or newer, or look into the firmware setup under "Intel Virtualization Technology", "VT-x", "AMD-V" or "SVM".',
  manual:
    'wmic cpu get VMMonitorModeExtensions,SecondLevelAddressTranslationExtensions,VirtualizationFirmwareEnabled /value   and   wmic computersystem get HypervisorPresent,Manufacturer,Model /value',
  script:
    'Get-CimInstance Win32_Processor | Format-List VMMonitorModeExtensions, SecondLevelAddressTranslationExtensions, VirtualizationFirmwareEnabled; (Get-CimInstance Win32_ComputerSystem).HypervisorPresent',
};

export const startWithoutHypervisor: Remediation = {
  text: 'A hypervisor hides the processor flags. Read them once without it: switch the hypervisor off for one start, run this check again, and switch it on again.',
  manual: 'bcdedit /set hypervisorlaunchtype off, restart, check, then bcdedit /set hypervisorlaunchtype auto, restart',
};

export const enableInFirmware: Remediation = {
  text: 'Switch hardware virtualization on in the firmware setup ("Intel Virtualization Technology", "VT-x", "AMD-V" or "SVM"), save, switch the server off completely and on again, and run this check again.',
};

export const exposeToGuest = (product: string): Remediation => ({
  text: `This is a virtual machine (${product}). Let the outer host expose its virtualization extensions to it, and use hardware for production.`,
  manual:
    'Other products than Hyper-V call it nested virtualization; the virtual machine has to be switched off meanwhile.',
  script: 'Set-VMProcessor -VMName <name> -ExposeVirtualizationExtensions $true',
});

/** What to read on a Linux machine, or to add to a captured tree, in place of a Windows class. */
export const captureOnLinux = (what: string, path: string): Remediation => ({
  text: `Read ${what} on the machine itself, as root, or add ${path} to the captured tree.`,
  manual: path.endsWith('*') ? `ls -l ${path.slice(0, -1)}` : `cat ${path}`,
});

export const onLinux: Remediation = {
  text: 'The flags of this system can not prove it. Look into the firmware setup under "Intel Virtualization Technology", "VT-x", "AMD-V" or "SVM", or load the kvm module: the device /dev/kvm appears only where virtualization is switched on.',
  manual: 'modprobe kvm_intel   or   modprobe kvm_amd   then   ls /dev/kvm',
};
