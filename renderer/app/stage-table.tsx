import { lazy, type ComponentType, type JSX } from 'react';
import { ReadinessScreen } from '../features/readiness/readiness-screen.tsx';
import type { StageSource } from '../ui/stage-source.ts';
import type { StageScope } from '../ui/stage-states.ts';

/** An entry of the list at the left: a stage of the work, or a page that serves all of them. */
export interface Stage {
  /** Under this id its feature tells its state (`setStageState`), and other features send a person here (`useNavigation`). */
  readonly id: string;
  readonly title: string;
  /** What it is about; decides under which heading it stands and whose state is shown. */
  readonly scope: StageScope | 'page';
  /** Stands under this heading, where that of its scope is not the right one. */
  readonly heading?: 'Cluster';
  readonly screen: ComponentType;
  /** Reads its state, so that it is right while another stage is shown; null: the screen alone reads it. */
  readonly source: (() => Promise<StageSource>) | null;
}

const StorageScreen = lazy(() => import('../features/storage/storage-screen.tsx'));
const QualificationPart = lazy(() => import('../features/qualification/qualification-part.tsx'));

const Storage = (): JSX.Element => (
  <StorageScreen>
    <QualificationPart />
  </StorageScreen>
);

/**
 * The stages in the order of the work: one line each. A screen is a default export and loaded when it is first shown;
 * its source is read when the stage is shown, after every change of its server, and while one runs.
 */
export const stages: readonly Stage[] = [
  { id: 'readiness', title: 'Readiness', scope: 'machine', screen: ReadinessScreen, source: null },
  {
    id: 'server',
    title: 'Server',
    scope: 'server',
    screen: lazy(() => import('../features/server/server-screen.tsx')),
    source: () => import('../features/server/store.ts').then(({ hostReadings }) => hostReadings),
  },
  {
    id: 'network',
    title: 'Network',
    scope: 'server',
    screen: lazy(() => import('../features/network/network-screen.tsx')),
    source: () => import('../features/network/store.ts').then(({ networkReadings }) => networkReadings),
  },
  {
    id: 'storage',
    title: 'Storage',
    scope: 'server',
    screen: Storage,
    source: () => import('../features/storage/store.ts').then(({ storageSource }) => storageSource),
  },
  {
    id: 'roles',
    title: 'Roles',
    scope: 'server',
    screen: lazy(() => import('../features/roles/roles-screen.tsx')),
    source: () => import('../features/roles/store.ts').then(({ rolesReadings }) => rolesReadings),
  },
  {
    id: 'validate',
    title: 'Validate',
    scope: 'server',
    screen: lazy(() => import('../features/validation/validation-screen.tsx')),
    source: () => import('../features/validation/store.ts').then(({ validationReadings }) => validationReadings),
  },
  {
    id: 'cluster',
    title: 'Cluster',
    scope: 'server',
    screen: lazy(() => import('../features/cluster/cluster-screen.tsx')),
    source: () => import('../features/cluster/store.ts').then(({ clusterReadings }) => clusterReadings),
  },
  {
    id: 'machines',
    title: 'Virtual machines',
    scope: 'server',
    screen: lazy(() => import('../features/machines/machines-screen.tsx')),
    source: () => import('../features/machines/store.ts').then(({ machineReadings }) => machineReadings),
  },
  {
    id: 'peers',
    title: 'Peers',
    scope: 'machine',
    heading: 'Cluster',
    screen: lazy(() => import('../features/peers/peers-screen.tsx')),
    source: () => import('../features/peers/store.ts').then(({ peerSource }) => peerSource),
  },
  {
    id: 'form',
    title: 'Form a cluster',
    scope: 'cluster',
    screen: lazy(() => import('../features/formation/formation-screen.tsx')),
    source: null,
  },
  {
    id: 'availability',
    title: 'Availability',
    scope: 'cluster',
    screen: lazy(() => import('../features/availability/availability-screen.tsx')),
    source: null,
  },
  {
    id: 'history',
    title: 'History',
    scope: 'page',
    screen: lazy(() => import('../features/history/history-screen.tsx')),
    source: () => import('../features/history/store.ts').then(({ journalReadings }) => journalReadings),
  },
  {
    id: 'rehearsals',
    title: 'Rehearsals',
    scope: 'page',
    screen: lazy(() => import('../features/rehearsal/rehearsal-screen.tsx')),
    source: null,
  },
  {
    id: 'help',
    title: 'Help',
    scope: 'page',
    screen: lazy(() => import('../features/help/help-screen.tsx')),
    source: null,
  },
];

/** The key that opens an entry: its place in the list, 1 to 9 and then 0; later ones have none. */
export const keyOfStage = (index: number): string | null => (index < 9 ? String(index + 1) : index === 9 ? '0' : null);
