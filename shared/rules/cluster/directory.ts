import { asClause } from '../../model/sentence.ts';
import { isSameAddress } from '../../model/address.ts';
import type { NameLookup } from '../../model/name-lookup.ts';
import { finding, holderOfName, pass, type ClusterCheckInput, type ClusterRule, type Finding } from './rule.ts';
import { isSameName } from '../../model/names.ts';

/** What nobody was asked about: a person proves it. */
const toProve = (found: string, next: string): Finding => ({ ...finding('unknown', found, next), isManual: true });

interface Asked {
  readonly node: string;
  readonly lookup: NameLookup;
}

/** The servers that were asked about the name, and the first whose answer was not to be had at all. */
const askedOf = ({
  servers,
  name: wanted,
}: ClusterCheckInput): { asked: Asked[]; failed: { node: string; because: string } | null } => {
  const failed = servers.find(({ name }) => name !== null && name.value === null);
  return {
    // A file may tell of another name than the one that is asked about.
    asked: servers.flatMap(({ node, name }) =>
      name?.value && isSameName(name.value.name, wanted ?? name.value.name) ? [{ node, lookup: name.value }] : [],
    ),
    failed: failed ? { node: failed.node, because: failed.name?.because ?? '' } : null,
  };
};

const hasDomain = ({ servers }: ClusterCheckInput): boolean =>
  servers.some(({ host }) => host.value?.membership.kind === 'domain');

const byHand = (name: string): string =>
  `On a server of the domain: Resolve-DnsName ${name} must find nothing, and Get-ADComputer ${name} nothing, or a disabled object that was prestaged.`;

const unreadOf = (asked: readonly Asked[], property: string): { node: string; because: string } | null => {
  for (const { node, lookup } of asked) {
    const unread = lookup.unread.find((one) => one.property === property);
    if (unread) return { node, because: unread.because };
  }
  return null;
};

const judgeObject = (name: string, { node, lookup: { object } }: Asked): Finding | null => {
  if (!object) return null;
  if (object.isDisabled)
    return object.isWritable === false
      ? finding(
          'fail',
          `${object.distinguishedName} is prestaged and disabled, but the account on ${node} may not write it.`,
          'Give the account that creates the cluster Full Control of that object.',
        )
      : null;
  return finding(
    'fail',
    object.isCluster
      ? `${object.distinguishedName} is the object of a cluster, and it is enabled.`
      : `${object.distinguishedName} is an enabled computer object.`,
    object.isCluster
      ? `Choose another name. If that cluster is gone for good, disable its object and give the account Full Control of it.`
      : `Choose another name than ${name}.`,
  );
};

const judgeRecords = (name: string, asked: readonly Asked[], proposed: readonly string[]): Finding | null => {
  for (const { node, lookup } of asked) {
    const other = (lookup.addresses ?? []).filter((address) => !proposed.some((one) => isSameAddress(one, address)));
    if (other.length > 0)
      return finding(
        'fail',
        `DNS knows ${name} at ${other.join(', ')}, asked from ${node}.`,
        'Choose another name, or delete the record if nobody uses it any more.',
      );
  }
  return null;
};

const unreadFinding = (name: string, at: { node: string; because: string }): Finding =>
  finding('unknown', `This could not be read on ${at.node}: ${asClause(at.because)}`, byHand(name));

/** The cluster that is there already has its own object and record. */
const isOwnName = ({ servers }: ClusterCheckInput, name: string): boolean =>
  servers.some(({ cluster }) => isSameName(cluster.value?.cluster?.name ?? '', name));

const judgeName = (input: ClusterCheckInput, name: string): Finding => {
  const { asked, failed } = askedOf(input);
  if (isOwnName(input, name)) return pass(`${name} is the cluster that these servers belong to.`);
  if (asked.length === 0 && !failed) return toProve('Nobody was asked.', byHand(name));
  const proposed = input.addresses.map(({ address }) => address);
  const bad = asked.flatMap((one) => judgeObject(name, one) ?? [])[0] ?? judgeRecords(name, asked, proposed);
  if (bad) return bad;
  const unread = failed ?? unreadOf(asked, 'addresses') ?? unreadOf(asked, 'object');
  if (unread) return unreadFinding(name, unread);
  const prestaged = asked.find(({ lookup }) => lookup.object);
  if (prestaged)
    return pass(`${prestaged.lookup.object!.distinguishedName} is prestaged and disabled, for this cluster.`);
  return pass(
    asked.some(({ lookup }) => lookup.isInDomain)
      ? `Neither Active Directory nor DNS has ${name}.`
      : `DNS does not have ${name}, and no server is in a domain.`,
  );
};

const askForRights =
  'Ask the administrator of the directory for "Create Computer objects" in the container of the servers, or for a disabled object on which you have Full Control. (Get-Acl "AD:OU=...").Access shows what is granted.';

const judgeRights = (input: ClusterCheckInput, name: string | null): Finding | null => {
  if (!hasDomain(input) || (name !== null && isOwnName(input, name))) return null;
  const { asked, failed } = askedOf(input);
  if (asked.length === 0 && !failed)
    return toProve('This is read once the name of the cluster is given.', askForRights);
  const prestaged = asked.find(({ lookup: { object } }) => object?.isDisabled === true && object.isWritable === true);
  if (prestaged)
    return pass(`The account may write ${prestaged.lookup.object!.distinguishedName}, which is prestaged.`);
  const denied = asked.find(({ lookup }) => lookup.container?.canCreateComputers === false);
  if (denied)
    return finding(
      'fail',
      `The account on ${denied.node} may not create computer objects in ${denied.lookup.container!.distinguishedName}.`,
      askForRights,
    );
  const unread = failed ?? unreadOf(asked, 'container');
  if (unread)
    return finding('unknown', `This could not be read on ${unread.node}: ${asClause(unread.because)}`, askForRights);
  const silent = asked.find(({ lookup }) => lookup.isInDomain && lookup.container?.canCreateComputers !== true);
  if (silent) return finding('unknown', `The directory did not tell ${silent.node}.`, askForRights);
  const [first] = asked.flatMap(({ lookup }) => lookup.container ?? []);
  return pass(
    `The account may create computer objects in ${first?.distinguishedName ?? 'the container of the servers'}.`,
  );
};

/** What the directory and DNS say of the name, and what the account may do there. */
export const directoryRules: readonly ClusterRule[] = [
  {
    id: 'name.registered',
    title: 'The name is not used for something else in Active Directory or DNS',
    later: 'The creation ends in error 5900, or the rebuild of a cluster fails on a stale computer object or record.',
    source: 'github.com/Azure/azure-quickstart-templates/issues/5176; Microsoft, System Error Codes (4000-5999), 5900',
    // The name of a server that was looked at is in both of course: "No server has the name" says it once.
    judge: (input) =>
      input.name === null || holderOfName(input.servers, input.name) !== null ? null : judgeName(input, input.name),
  },
  {
    id: 'rights.directory',
    title: 'You may create the cluster’s computer object',
    later: 'The creation ends with "Access is denied" at "Verifying computer object".',
    source: 'Microsoft, Prestage cluster computer objects in Active Directory Domain Services; KB5008383',
    judge: (input) => judgeRights(input, input.name),
  },
];
