import { failure } from '../../shared/errors/failure.ts';
import {
  measureAnswer,
  measureEnd,
  measureEnds,
  measureHear,
  measureLink,
  measureTell,
  peersExportMatrix,
  peersMatrices,
  peersMatrix,
  peersReadMatrix,
} from '../../shared/contract/matrix.ts';
import type { MeasuredEnds } from '../../shared/model/network-measure.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { CallOptions } from '../ports/call.ts';
import type { MeasurePort } from '../ports/measure-port.ts';
import type { Peers } from './compose-peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

/** The network matrix: bound here, loaded when it is first called. */
export const matrixImplementations = (
  settings: CoreSettings,
  { onServer }: ServerAccess,
  peers: Peers,
): Implementation[] => {
  const isLinux = !settings.localServer && process.platform !== 'win32';
  const onPort = async <T>(work: (port: MeasurePort) => Promise<T>): Promise<T> => {
    if (!isLinux) return onServer(localServer, ({ ports }) => work(ports.measure));
    const [{ linuxMeasure }, { measureSockets }] = await Promise.all([
      import('../linux/measure.ts'),
      import('./measure-sockets.ts'),
    ]);
    return work(linuxMeasure(measureSockets));
  };

  /** With the roles that the NICs were given: only this core knows them. */
  const readEnds = async (options: CallOptions): Promise<MeasuredEnds> => {
    if (isLinux) return onPort((port) => port.ends(options));
    return onServer(localServer, async (server) => {
      const [{ ends, ...rest }, nics, { resolveRoles }] = await Promise.all([
        server.ports.measure.ends(options),
        server.ports.nics.list(options),
        import('../../shared/plan/nic/roles.ts'),
      ]);
      const { roles } = resolveRoles(server.settings.read().roles, nics);
      const roleOf = new Map(nics.map(({ name, interfaceGuid }) => [name, roles.get(interfaceGuid) ?? null]));
      return { ends: ends.map((end) => ({ ...end, role: roleOf.get(end.nic) ?? null })), ...rest };
    });
  };

  const assertOurs = async (addresses: readonly string[], options: CallOptions): Promise<void> => {
    const { ends } = await onPort((port) => port.ends(options));
    const foreign = addresses.find((address) => !ends.some((end) => end.address === address));
    if (foreign !== undefined) throw failure('MEASURE_NOT_OURS', { address: foreign });
  };

  const kept = async () => {
    const { KeptMatrices } = await import('../operations/peers/kept-matrices.ts');
    return new KeptMatrices(settings.dataFolder);
  };

  return [
    implement(peersMatrix, async ({ portals, servers: wanted, settings: how }, { signal, progress }) => {
      const [{ measureMatrix }, { chosenOf }, group, matrices] = await Promise.all([
        import('../operations/peers/measure-matrix.ts'),
        import('../operations/peers/group.ts'),
        peers.group(),
        kept(),
      ]);
      const matrix = await measureMatrix(chosenOf(group, wanted), {
        id: matrices.newId(new Date()),
        isRehearsal: settings.localServer !== undefined,
        settings: how,
        portals,
        now: () => new Date(),
        progress,
        signal,
      });
      matrices.keep(matrix);
      return matrix;
    }),
    implement(peersMatrices, async () => ({ matrices: (await kept()).list() })),
    implement(peersReadMatrix, async ({ id }) => {
      const matrices = await kept();
      return { matrix: id === null ? matrices.last() : matrices.read(id) };
    }),
    implement(peersExportMatrix, async (input, { signal }) => {
      const [{ exportMatrix }, { localFiles }, { electronPrinter }] = await Promise.all([
        import('../operations/peers/export-matrix.ts'),
        import('./local-files.ts'),
        import('./electron-printer.ts'),
      ]);
      return exportMatrix(input, { files: localFiles, printer: electronPrinter }, signal);
    }),
    implement(measureEnds, (_input, { signal }) => readEnds({ signal })),
    implement(measureAnswer, async (request, { signal }) => {
      await assertOurs(request.addresses, { signal });
      return onPort((port) => port.answer(request, { signal }));
    }),
    implement(measureEnd, async ({ token }) => {
      await onPort((port) => port.endAnswer(token));
      return {};
    }),
    implement(measureLink, async (ask, { signal }) => {
      const { measureOneLink } = await import('../operations/peers/measure-link.ts');
      return onPort((port) => measureOneLink(port, ask, { signal }));
    }),
    implement(measureHear, async (request, { signal }) => {
      await assertOurs(request.on, { signal });
      return { heard: [...(await onPort((port) => port.hear(request, { signal })))] };
    }),
    implement(measureTell, async (request, { signal }) => {
      await assertOurs(request.from, { signal });
      await onPort((port) => port.tell(request, { signal }));
      return {};
    }),
  ];
};
