import { findComputerNameProblem } from '../../../../shared/model/host.ts';
import type { TimeSetting } from '../../../../shared/model/host.ts';
import { between, requireAdministrator, rest, type Change } from '../change.ts';
import { reachesDomain } from '../reach.ts';
import { refuse } from '../refusal.ts';
import type { TaskState } from '../state.ts';
import { nextId } from '../random.ts';
import { isSameName } from '../../../../shared/model/names.ts';

interface Account {
  readonly userName: string;
  readonly password: string;
}

/** `CONTOSO\admin`, `admin@contoso.test` and `admin` are one account of the domain. */
const checkAccount = (change: Change, domainName: string, account: Account | null, what: string): void => {
  const domain = Object.values(change.world.domains).find((one) => isSameName(one.name, domainName));
  const short = account?.userName.replace(/^.*\\/, '').replace(/@.*$/, '') ?? '';
  const known = domain?.accounts.find((one) => isSameName(one.userName, short));
  if (!known || !account || known.password !== account.password) {
    throw refuse('host.credential.wrong', { account: account?.userName ?? '(none)', what });
  }
  if (!known.mayJoin) throw refuse('host.credential.notAllowed', { account: account.userName, what });
};

export const renameComputer = (change: Change, newName: string, credential: Account | null): void => {
  requireAdministrator(change);
  const { server } = change;
  if (findComputerNameProblem(newName) !== null) {
    throw refuse('host.rename.invalid', { name: newName, reason: 'it is not a valid computer name' });
  }
  if (isSameName(newName, server.nextComputerName))
    throw refuse('host.rename.same', { name: newName, reason: 'it is the name already' });
  if (server.membership.kind === 'domain') {
    const domain = server.membership.name;
    if (!reachesDomain(change.world, server, domain)) throw refuse('host.domain.unreachable', { domain });
    checkAccount(change, domain, credential, `renaming ${server.computerName}`);
    // The computer object has the new name at once; a rename that waits for the restart is taken back from there.
    const held = (change.world.domains[domain]?.computers ?? []).filter(
      (one) => !isSameName(one, server.nextComputerName),
    );
    if (held.some((one) => isSameName(one, newName))) {
      throw refuse('host.rename.taken', { name: newName, reason: 'the domain has a computer of that name' });
    }
    change.world.domains[domain]!.computers = [...held, newName.toUpperCase()];
    between(change);
  }
  rest(change, isSameName(newName, server.computerName) ? 'host.rename.back' : 'host.rename.afterRestart');
  server.nextComputerName = newName.toUpperCase();
};

export const joinDomain = (
  change: Change,
  request: {
    readonly domain: string;
    readonly ou: string | null;
    readonly account: Account;
    /** NETSETUP_DOMAIN_JOIN_IF_JOINED: from one domain into another. */
    readonly ifJoined: boolean;
  },
): void => {
  requireAdministrator(change);
  const { server, world } = change;
  if (server.nextMembership.kind === 'domain' && isSameName(server.nextMembership.name, request.domain)) {
    throw refuse('host.join.same', { server: server.computerName, domain: request.domain });
  }
  if (server.membership.kind === 'domain' && !request.ifJoined) {
    throw refuse('host.join.joined', { server: server.computerName, domain: server.membership.name });
  }
  if (server.membership.kind === 'domain') rest(change, 'host.join.domainToDomain');
  if (!reachesDomain(world, server, request.domain))
    throw refuse('host.domain.unreachable', { domain: request.domain });
  const domain = Object.values(world.domains).find((one) => isSameName(one.name, request.domain))!;
  checkAccount(change, domain.name, request.account, `joining ${domain.name}`);
  domain.computers = [
    ...domain.computers.filter((one) => !isSameName(one, server.nextComputerName)),
    server.nextComputerName,
  ];
  between(change);
  rest(change, 'host.join.afterRestart');
  server.nextMembership = { kind: 'domain', name: domain.name };
};

export const joinWorkgroup = (change: Change, workgroup: string, account: Account | null): void => {
  requireAdministrator(change);
  const { server } = change;
  if (server.membership.kind === 'domain' && account !== null) {
    if (!reachesDomain(change.world, server, server.membership.name)) {
      throw refuse('host.domain.unreachable', { domain: server.membership.name });
    }
    checkAccount(change, server.membership.name, account, `leaving ${server.membership.name}`);
  }
  rest(change, 'host.join.afterRestart');
  server.nextMembership = { kind: 'workgroup', name: workgroup.toUpperCase() };
};

export const setTimeSource = (change: Change, setting: TimeSetting): void => {
  requireAdministrator(change);
  const { server } = change;
  if (setting.kind === 'domain' && server.membership.kind !== 'domain') {
    throw refuse('host.time.noDomain', { server: server.computerName });
  }
  server.time =
    setting.kind === 'domain'
      ? { type: 'NT5DS', servers: server.time.servers }
      : { type: 'NTP', servers: [...setting.servers] };
  const service = server.services['W32Time'];
  if (service) {
    if (setting.kind === 'servers') service.domainTriggered = false;
    service.startMode = 'automatic';
    service.state = 'running';
  }
};

/** Registers a task; one of the same path and name is replaced. */
export const registerTask = (change: Change, task: TaskState): void => {
  requireAdministrator(change);
  const { server, world } = change;
  removeTask(change, task.path, task.name);
  server.tasks.push(task);
  if (task.trigger.kind === 'once') {
    world.events.push({
      id: `event-${nextId(world)}`,
      atMs: task.trigger.atMs,
      server: server.name,
      kind: 'taskDue',
      task: `${task.path}${task.name}`,
    });
  }
};

/** Removes a task; true when there was one. */
export const removeTask = (change: Change, path: string, name: string): boolean => {
  const { server, world } = change;
  const before = server.tasks.length;
  server.tasks = server.tasks.filter((task) => !(isSameName(task.path, path) && isSameName(task.name, name)));
  world.events = world.events.filter(
    (event) => !(event.kind === 'taskDue' && event.server === server.name && isSameName(event.task, `${path}${name}`)),
  );
  return server.tasks.length !== before;
};
