import { consentHours, type Consent } from '../../shared/model/consent.ts';
import { UsageError, type CliContext } from './context.ts';
import { zonedTime } from '../../shared/model/time.ts';

/** How a person at this server answers. */
export interface ConsentOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly refuse?: boolean;
}

const wishOf = ({ about, direction, coordinatorName, cluster }: Consent): string => {
  if (about === 'drills')
    return `${coordinatorName} wants to run drills of ${cluster} here: something is taken away for a while and given back. The first one:`;
  return direction === 'undo'
    ? `${coordinatorName} wants to undo on this server what formations of ${cluster} did here; the cluster is destroyed.`
    : `${coordinatorName} wants this server to become a part of ${cluster}.`;
};

const printConsent = (context: CliContext, asked: Consent): void => {
  const { steps, state, askedAt, answeredAt } = asked;
  context.print(`${asked.formation}: ${wishOf(asked)}`);
  context.print(
    `Asked ${zonedTime(askedAt)}; ${state === 'needed' ? 'not answered' : `${state} ${zonedTime(answeredAt ?? '')}`.trim()}.`,
  );
  for (const { title, isDestructive, restarts, cutsConnection } of steps) {
    const marks = [
      ...(isDestructive ? ['DATA IS LOST'] : []),
      ...(restarts ? ['RESTART'] : []),
      ...(cutsConnection ? ['CUTS A CONNECTION'] : []),
    ];
    context.print(`  ${title}${marks.length > 0 ? ` [${marks.join(', ')}]` : ''}`);
  }
};

/** `quorate form consent`: what another server wants to do here, and the answer to it. */
export const consent = async (
  context: CliContext,
  formation: string | undefined,
  options: ConsentOptions,
): Promise<void> => {
  if (options.yes && options.refuse) throw new UsageError('Give --yes or --refuse, not both.');
  if (options.yes || options.refuse) {
    const answered = await context.call('formation.consent', {
      ...(formation === undefined ? {} : { formation }),
      agrees: options.yes === true,
    });
    if (options.json) return context.printJson({ schema: 'quorate.formation-consent/1', ...answered });
    return context.print(
      options.yes
        ? answered.about === 'drills'
          ? `${answered.coordinatorName} may run drills here for ${consentHours} hours. This server judges each one itself, and undoes it by itself.`
          : `${answered.coordinatorName} may do it, for ${consentHours} hours or until the formation is over.`
        : `${answered.coordinatorName} may not do it; running steps finish.`,
    );
  }
  const { consents } = await context.call('formation.consents', {});
  const shown = consents.filter((one) =>
    formation === undefined ? one.state !== 'ended' : one.formation === formation,
  );
  if (options.json) return context.printJson({ schema: 'quorate.formation-consents/1', consents: shown });
  if (shown.length === 0) return context.print('No other server wants to do anything on this one.');
  for (const asked of shown) printConsent(context, asked);
  if (shown.some(({ state }) => state === 'needed'))
    context.note('Agree with "quorate form consent --yes", or refuse with "quorate form consent --refuse".');
  return undefined;
};
