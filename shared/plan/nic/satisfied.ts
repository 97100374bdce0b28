import { isSameAddress } from '../../model/address.ts';
import { whyUnread } from '../../model/observed.ts';
import { no, unknown, yes, type NicAction, type Satisfied } from '../action.ts';
import type { Change } from '../../changes/index.ts';
import type { NetworkObserved } from '../observed.ts';

const judge = (isDone: boolean, text: string): Satisfied => (isDone ? yes(text) : no(text));

/** Whether the effect of a NIC's action is there. */
export const isNicActionDone = (action: Exclude<NicAction, Change>, observed: NetworkObserved): Satisfied => {
  const nic = observed.nics.find((candidate) => candidate.interfaceGuid === action.nic);
  if (action.do === 'nic.setRole') {
    const role = observed.roles.get(action.nic) ?? null;
    return judge(role === action.role, `the role is ${role ?? 'none'}`);
  }
  if (!nic) return unknown('the adapter is not there');
  const unread = (property: string): Satisfied => unknown(whyUnread(nic, property) ?? `${property} was not read`);
  switch (action.do) {
    case 'nic.rename':
      return judge(nic.name === action.newName, `the name is ${nic.name}`);
    case 'nic.setEnabled':
      return nic.adminStatus === 'unknown'
        ? unknown('its status is unknown')
        : judge((nic.adminStatus === 'up') === action.enabled, `its status is ${nic.adminStatus}`);
    case 'nic.setDhcp':
      return nic.dhcp === null
        ? unread('dhcp')
        : judge(
            nic.dhcp[action.family] === action.enabled,
            `DHCP for ${action.family} is ${nic.dhcp[action.family] ? 'on' : 'off'}`,
          );
    case 'nic.setGateway': {
      if (nic.gateways === null) return unread('gateways');
      const current = nic.gateways.filter((gateway) => gateway.family === action.family);
      const text =
        current.length === 0 ? 'there is no gateway' : `the gateway is ${current.map((one) => one.nextHop).join(', ')}`;
      return judge(
        action.nextHop === null
          ? current.length === 0
          : current.length === 1 && isSameAddress(current[0]!.nextHop, action.nextHop),
        text,
      );
    }
    case 'nic.setDnsServers': {
      if (nic.dnsServers === null) return unread('dnsServers');
      const current = nic.dnsServers[action.family];
      return judge(
        current.length === action.servers.length &&
          current.every((one, index) => isSameAddress(one, action.servers[index]!)),
        current.length === 0 ? 'there are no DNS servers' : `the DNS servers are ${current.join(', ')}`,
      );
    }
    case 'nic.setDnsRegistration':
      return nic.registersInDns === null
        ? unread('registersInDns')
        : judge(
            nic.registersInDns === action.registers,
            `the DNS registration is ${nic.registersInDns ? 'on' : 'off'}`,
          );
    case 'nic.setNetbios':
      return nic.netbios === null
        ? unread('netbios')
        : judge(nic.netbios === action.setting, `NetBIOS over TCP/IP is ${nic.netbios}`);
    case 'nic.setJumboPacket':
      return nic.jumboPacket === null
        ? unread('jumboPacket')
        : judge(nic.jumboPacket.valueBytes === action.valueBytes, `*JumboPacket is ${nic.jumboPacket.valueBytes}`);
    case 'nic.setBinding': {
      if (nic.bindings === null) return unread('bindings');
      const bound = nic.bindings[action.componentId];
      return bound === undefined
        ? unknown(`${action.componentId} is not installed`)
        : judge(bound === action.enabled, `${action.componentId} is ${bound ? 'bound' : 'not bound'}`);
    }
    case 'nic.setPowerSaving':
      return nic.powerSaving === null
        ? unread('powerSaving')
        : judge((nic.powerSaving === 'allowed') === action.allowed, `power saving is ${nic.powerSaving}`);
  }
};
