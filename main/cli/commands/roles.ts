import { Option, type Command } from 'commander';
import {
  featureStateWords,
  isHyperVRunning,
  roleFeatures,
  roleFeatureNames,
  type RoleFeature,
} from '../../../shared/model/roles.ts';
import { runChange, withChange, withServer, type ChangeOptions, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { collectNotEmpty } from '../iscsi/access.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';

/** A feature by its name or its title, whatever the letter case. */
const featureOf = (text: string): RoleFeature => {
  const wanted = text.trim().toLowerCase();
  const found = roleFeatureNames.find(
    (name) => name.toLowerCase() === wanted || roleFeatures[name].title.toLowerCase() === wanted,
  );
  if (!found)
    throw new UsageError(`There is no feature ${text}. Those that a cluster needs: ${roleFeatureNames.join(', ')}.`);
  return found;
};

interface InstallOptions extends ChangeOptions {
  readonly feature: readonly string[];
  readonly source?: string;
}

const withFeatures = (command: Command): Command =>
  withChange(command).addOption(
    new Option('--feature <name>', 'a role or feature by its name or title; may be repeated')
      .argParser(collectNotEmpty)
      .makeOptionMandatory(),
  );

/** `quorate roles`: the roles and features that a cluster is made of. */
export const register = (program: Command, context: CliContext): void => {
  const roles = program
    .command('roles')
    .description('roles and features of a cluster node: Hyper-V, Failover Clustering, Multipath I/O, tools');

  withServer(
    roles.command('list', { isDefault: true }).description('which are installed, and which wait for a restart'),
  ).action(async (options: ServerOptions) => {
    const view = await context.call('roles.read', { server: options.server });
    if (options.json) return context.printJson({ schema: 'quorate.roles/1', ...view });
    printRehearsalMark(context, view.server.ref);
    context.print(
      renderTable(
        [{ title: 'FEATURE' }, { title: 'NAME' }, { title: 'STATE' }, { title: 'RESTART' }],
        view.state.features.map(({ name, state }) => [
          roleFeatures[name].title,
          name,
          featureStateWords[state],
          roleFeatures[name].restart ? 'yes' : 'no',
        ]),
      ),
    );
    const runs = isHyperVRunning(view.state);
    context.print(`The hypervisor ${runs === null ? 'could not be asked' : runs ? 'runs' : 'does not run'}.`);
    for (const { property, because } of view.state.unread) context.note(`Not known: ${property} (${because}).`);
  });

  withFeatures(roles.command('install').description('install roles and features; shows which need a restart'))
    .option('--source <folder>', 'a folder with the files, such as sources\\sxs of the installation media')
    .action(async (options: InstallOptions) => {
      const features = options.feature.map(featureOf);
      await runChange(
        context,
        {
          domain: 'roles',
          desire: {
            title: 'Install roles and features',
            changes: [{ do: 'roles.install', features, source: options.source ?? null }],
          },
        },
        options,
      );
    });

  withFeatures(roles.command('remove').description('remove roles and features')).action(
    async (options: InstallOptions) => {
      const features = options.feature.map(featureOf);
      await runChange(
        context,
        {
          domain: 'roles',
          desire: { title: 'Remove roles and features', changes: [{ do: 'roles.remove', features }] },
        },
        options,
      );
    },
  );
};
