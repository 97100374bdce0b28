import * as z from 'zod';
import { failure } from '../../shared/errors/failure.ts';
import type { ClusterPort } from '../ports/cluster-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { validationErrors } from './errors/cluster-errors.ts';

const testsAnswer = z.array(z.object({ category: z.string(), name: z.string() }));
const reportAnswer = z.object({ path: z.string().nullable(), base64: z.string(), warnings: z.array(z.string()) });

/** Sixty-four nodes with many disks take hours; who waits may cancel at any time. */
const longestRunMs = 6 * 3_600_000;

/** Test-Cluster over scripts. */
export const createValidation = (runner: Runner): Pick<ClusterPort, 'listTests' | 'validate'> => ({
  listTests: (options) =>
    readWith(runner, { script: 'Get-ValidationTest', input: {}, timeoutMs: 180_000 }, testsAnswer, {
      call: options,
      errors: validationErrors,
    }),
  async validate({ nodes, include, ignore }, options) {
    const outcome = await runner.run<z.output<typeof reportAnswer>>(
      'Invoke-ClusterValidation',
      { nodes, include, ignore },
      {
        output: reportAnswer,
        errors: validationErrors,
        signal: options?.signal,
        deadlineMs: options?.timeoutMs ?? longestRunMs,
        onProgress: options?.progress,
      },
    );
    // No code is expected, so that every failure was thrown.
    if (!outcome.ok) throw outcome.failure as Error;
    const { path, base64, warnings } = outcome.data;
    if (path === null || base64 === '') throw failure('VALIDATION_NO_REPORT', { server: nodes[0] ?? '' });
    return { bytes: Buffer.from(base64, 'base64'), warnings };
  },
});
