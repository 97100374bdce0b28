import type { ErrorRow } from '../../powershell/index.ts';
import { inputText } from '../call.ts';
import { deniedAtOnce } from './denied.ts';

/*
 * The network modules tell refusals by "Windows System Error n" and, where a search finds nothing, by
 * CmdletizationQuery_NotFound with the property that was searched for. ERROR_INVALID_PARAMETER 87,
 * ERROR_OBJECT_NAME_EXISTS 698, ERROR_ALREADY_EXISTS 183, ERROR_NOT_FOUND 1168.
 */
const notFound = (...properties: readonly string[]): string[] => [
  'CmdletizationQuery_NotFound',
  ...properties.map((property) => `CmdletizationQuery_NotFound_${property}`),
];

const nicNotFound: readonly ErrorRow[] = [
  {
    code: 'NIC_NOT_FOUND',
    id: [
      'Quorate.NicNotFound',
      ...notFound('Name', 'InterfaceIndex', 'InterfaceAlias', 'InterfaceDescription').slice(1),
    ],
    detail: (_error, { input }) => ({ nic: inputText(input, 'nic') }),
    effect: 'none',
  },
  {
    code: 'NIC_NOT_FOUND',
    win32: 1168,
    detail: (_error, { input }) => ({ nic: inputText(input, 'nic') }),
    effect: 'none',
  },
];

const addressRefused = (name: string): ErrorRow => ({
  code: 'NIC_ADDRESS_REFUSED',
  win32: 87,
  detail: (_error, { input }) => ({
    nic: inputText(input, 'nic'),
    address: inputText(input, name) || 'that was given',
  }),
  effect: 'none',
});

const jumbo = { detail: jumboDetail, code: 'NIC_JUMBO_UNSUPPORTED', effect: 'none' } as const;
function jumboDetail(_error: unknown, { input }: { readonly input: Readonly<Record<string, unknown>> }) {
  return { nic: inputText(input, 'nic'), bytes: inputText(input, 'valueBytes') };
}

/** Rows for each method of the NIC port. */
export const nicErrors = {
  read: nicNotFound,
  rename: [
    {
      code: 'NIC_NAME_IN_USE',
      win32: [698, 183],
      detail: (_error, { input }) => ({ name: inputText(input, 'newName') }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
  change: nicNotFound,
  addAddress: [
    {
      code: 'NIC_ADDRESS_EXISTS',
      id: 'Quorate.NicAddressExists',
      detail: (_error, { input }) => ({ address: inputText(input, 'address') }),
      effect: 'none',
    },
    addressRefused('address'),
    {
      code: 'NIC_ADDRESS_REFUSED',
      id: 'CannotConvertArgumentNoMessage',
      detail: (_error, { input }) => ({ nic: inputText(input, 'nic'), address: inputText(input, 'address') }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
  removeAddress: [
    {
      code: 'NIC_ADDRESS_NOT_FOUND',
      id: notFound('IPAddress'),
      detail: (_error, { input }) => ({ nic: inputText(input, 'nic'), address: inputText(input, 'address') }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
  setGateway: [addressRefused('nextHop'), ...nicNotFound, ...deniedAtOnce],
  setDnsServers: [addressRefused('server'), ...nicNotFound],
  setJumboPacket: [
    { ...jumbo, id: ['Quorate.NicJumboUnsupported', ...notFound()] },
    { ...jumbo, win32: 87 },
    ...nicNotFound,
  ],
  setBinding: [
    {
      code: 'NIC_BINDING_NOT_FOUND',
      id: ['Quorate.NicBindingNotFound', ...notFound()],
      detail: (_error, { input }) => ({ nic: inputText(input, 'nic'), component: inputText(input, 'componentId') }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
  setPowerSaving: [
    {
      code: 'NIC_POWER_UNSUPPORTED',
      id: ['Quorate.NicPowerUnsupported', ...notFound()],
      detail: (_error, { input }) => ({ nic: inputText(input, 'nic') }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
  setNetbios: [
    {
      code: 'WINDOWS_REFUSED',
      id: 'Quorate.NetbiosRefused',
      detail: (error) => ({ what: 'to set NetBIOS', id: 'SetTcpipNetbios', code: error.at.target ?? '' }),
      effect: 'none',
    },
    ...nicNotFound,
  ],
} as const satisfies Readonly<Record<string, readonly ErrorRow[]>>;
