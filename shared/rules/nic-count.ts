import { valueOf } from '../model/fact.ts';
import { column } from './os-profiles.ts';
import { captureOnLinux } from './proofs.ts';
import { evidenceOf, type Finding, type ReadinessRule } from './rule.ts';

/** Production and cluster-private, and at least one for iSCSI. */
const leastPorts = 3;
const expected = 'at least 3 physical Ethernet ports: production, cluster-private, and one or more for iSCSI';

/**
 * It does not decide the verdict: ports can be added, and storage that is not iSCSI or converged networks need fewer. It
 * is shown as a fail, because the procedure cannot be carried out as printed.
 */
export const nicCount: ReadinessRule = {
  id: 'nic.count',
  title: 'Network ports',
  concerns: 'hardware',
  severity: () => 'warning',
  source: () => column,
  expected: () => expected,
  judge: ({ facts }): Finding => {
    const { nics } = facts;
    const collect =
      facts.platform === 'linux'
        ? captureOnLinux('the network interfaces', '/sys/class/net/*')
        : {
            text: 'Collect the network adapters on the server itself.',
            manual: 'wmic nic get Name,NetConnectionID,PhysicalAdapter,PNPDeviceID,ServiceName,MACAddress /value',
            script:
              'Get-NetAdapter | Format-List Name, InterfaceDescription, InterfaceGuid, PnPDeviceID, HardwareInterface, Virtual, Hidden, InterfaceType, NdisPhysicalMedium, MediaConnectState, PermanentAddress, Speed',
          };
    if (!nics.known)
      return {
        outcome: 'unknown',
        because: nics.because,
        expected,
        observed: 'not known',
        evidence: [evidenceOf(nics)],
        remediation: collect,
      };
    const physical = nics.value.filter((nic) => valueOf(nic.kind) === 'ethernet');
    const unclear = nics.value.filter((nic) => !nic.kind.known);
    const shown = [...physical, ...unclear];
    const evidence =
      shown.length === 0
        ? [{ fact: nics.name, value: 'no physical Ethernet port', from: nics.from }]
        : shown.map((nic) => ({
            fact: nic.name,
            value: nic.kind.known ? `${nic.description} (${valueOf(nic.macAddress) ?? 'no address'})` : null,
            from: nic.kind.known ? nic.kind.from : nic.kind.because,
          }));
    const others = nics.value.length - shown.length;
    const observed = `${physical.length} physical Ethernet ${physical.length === 1 ? 'port' : 'ports'}${
      others > 0 ? `; ${others} other ${others === 1 ? 'interface is' : 'interfaces are'} not counted` : ''
    }.`;
    if (physical.length >= leastPorts) return { outcome: 'pass', expected, observed, evidence };
    if (physical.length + unclear.length >= leastPorts)
      return {
        outcome: 'unknown',
        because: `Of ${unclear.length} more interfaces it is not known whether they are physical.`,
        expected,
        observed,
        evidence,
        remediation: collect,
      };
    return {
      outcome: 'fail',
      expected,
      observed,
      evidence,
      remediation: {
        text: `Add ${leastPorts - physical.length} or more ports, each for a network of its own.`,
      },
    };
  },
};
