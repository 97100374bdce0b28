/** What test/bench/formation.mjs measures in its own process. */
import { planFormation } from '../../shared/plan/formation/plan-formation.ts';
import { planServer } from '../../shared/plan/formation/plan-server.ts';
import { bareServer, exampleFile } from '../support/formation.ts';

/** The inputs of so many bare servers, and the whole plan made of them: every server plans itself, then the graph. */
export const preparePlan = (servers: number): (() => number) => {
  const file = exampleFile(servers);
  const inputs = file.servers.map((_server, index) => bareServer(file, index));
  return () =>
    planFormation(
      file,
      inputs.map((input) => planServer(input)),
      [],
    ).steps.length;
};
