import type { Remediation } from '../model/check.ts';
import type { UnknownFact } from '../model/fact.ts';

/** Ways to prove what could not be read: every unknown about virtualization names one of these. */
export const collectProcessor: Remediation = {
  text: 'Collect Win32_Processor and Win32_ComputerSystem on Windows Server 2012 or newer, or look into the firmware setup under "Intel Virtualization Technology", "VT-x", "AMD-V" or "SVM".',
  manual:
    'wmic cpu get VMMonitorModeExtensions,SecondLevelAddressTranslationExtensions,VirtualizationFirmwareEnabled /value   and   wmic computersystem get HypervisorPresent,Manufacturer,Model /value',
  script:
    'Get-CimInstance Win32_Processor | Format-List VMMonitorModeExtensions, SecondLevelAddressTranslationExtensions, VirtualizationFirmwareEnabled; Get-CimInstance Win32_ComputerSystem | Format-List HypervisorPresent, Manufacturer, Model',
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

/** Make, model, firmware, board and network adapters together: none of them alone proves hardware. */
export const collectMachine: Remediation = {
  text: 'Collect make and model, firmware, board and network adapters of the machine: "quorate collect" reads them all.',
  manual:
    'wmic computersystem get Manufacturer,Model,HypervisorPresent /value   and   wmic bios get Manufacturer,SMBIOSBIOSVersion,Version /value   and   wmic baseboard get Manufacturer,Product /value   and   wmic nic get Name,NetConnectionID,PhysicalAdapter,PNPDeviceID,MACAddress /value',
  script:
    'Get-CimInstance Win32_ComputerSystem | Format-List Manufacturer, Model, HypervisorPresent; Get-CimInstance Win32_BIOS | Format-List Manufacturer, SMBIOSBIOSVersion, Version; Get-CimInstance Win32_BaseBoard | Format-List Manufacturer, Product; Get-CimInstance Win32_NetworkAdapter | Format-List Name, NetConnectionID, PhysicalAdapter, PNPDeviceID, MACAddress',
};

/** Where the firmware itself does not say what it is in: collecting the same again would bring the same. */
export const lookAtMachine: Remediation = {
  text: 'The firmware holds no name in place of make and model. Look at the machine or into its firmware setup; the name of the board (Win32_BaseBoard) and its network adapters help to tell it from a virtual machine.',
  manual:
    'wmic baseboard get Manufacturer,Product /value   and   wmic nic get Name,NetConnectionID,PhysicalAdapter,PNPDeviceID,MACAddress /value',
  script:
    'Get-CimInstance Win32_BaseBoard | Format-List Manufacturer, Product; Get-CimInstance Win32_NetworkAdapter | Format-List Name, NetConnectionID, PhysicalAdapter, PNPDeviceID, MACAddress',
};

/** Where what was seen speaks for a virtual machine and proves none. */
export const askTheHost: Remediation = {
  text: 'What was seen suggests a virtual machine. Ask the administrator of the machine whether it is one; on hardware, "quorate collect" shows its own processors, firmware and network ports.',
  manual: 'systeminfo',
};

/** What helps to tell hardware from a virtual machine, by why it is not known. */
export const proofOfHardware = (fact: UnknownFact): Remediation =>
  fact.cause === 'notReported' && fact.because.includes('placeholder')
    ? lookAtMachine
    : fact.cause === 'ambiguous' && fact.because.startsWith('Virtual machines')
      ? askTheHost
      : collectMachine;

/** What to read on a Linux machine, or to add to a captured tree, in place of a Windows class. */
export const captureOnLinux = (what: string, path: string): Remediation => ({
  text: `Read ${what} on the machine itself, as root, or add ${path} to the captured tree.`,
  manual: path.endsWith('*') ? `ls -l ${path.slice(0, -1)}` : `cat ${path}`,
});

export const onLinux: Remediation = {
  text: 'The flags of this system cannot prove it. Check the firmware setup under "Intel Virtualization Technology", "VT-x", "AMD-V" or "SVM", or load the kvm module: the device /dev/kvm appears only where virtualization is switched on.',
  manual: 'modprobe kvm_intel   or   modprobe kvm_amd   then   ls /dev/kvm',
};
