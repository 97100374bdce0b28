import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { Failure, failure } from '../../shared/errors/failure.ts';
import type { ClusterPort, ValidationOutcome } from '../ports/cluster-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { validationErrors } from './errors/cluster-errors.ts';

const testsAnswer = z.array(z.object({ category: z.string(), name: z.string() }));
const reportAnswer = z.object({ path: z.string().nullable(), base64: z.string(), warnings: z.array(z.string()) });

const cutAnswer = z.object({ base64: z.string() });

/** A test that runs ends before Test-Cluster stops; killed before, it would leave its temporary account and its reservations behind. */
const stopGraceMs = 180_000;

/** Sixty-four nodes with many disks take hours; who waits may cancel at any time. */
const longestRunMs = 6 * 3_600_000;

/** Test-Cluster over scripts. */
export const createValidation = (runner: Runner): Pick<ClusterPort, 'listTests' | 'validate'> => {
  /** The report that a cancelled run wrote all the same; null: it wrote none, or nobody can say. */
  const takeLeft = async (reportName: string): Promise<ValidationOutcome | null> => {
    try {
      const read = await readWith(runner, { script: 'Get-CancelledValidation', input: { reportName } }, cutAnswer, {
        call: undefined,
        errors: validationErrors,
      });
      return read.base64 === '' ? null : { bytes: Buffer.from(read.base64, 'base64'), warnings: [], isCancelled: true };
    } catch (error) {
      if (error instanceof Failure) return null;
      throw error;
    }
  };
  return {
    listTests: (options) =>
      readWith(runner, { script: 'Get-ValidationTest', input: {}, timeoutMs: 180_000 }, testsAnswer, {
        call: options,
        errors: validationErrors,
      }),
    async validate({ nodes, include, ignore }, options) {
      const reportName = `Quorate-${randomBytes(16).toString('hex')}`;
      try {
        const outcome = await runner.run<z.output<typeof reportAnswer>>(
          'Invoke-ClusterValidation',
          { nodes, include, ignore, reportName },
          {
            output: reportAnswer,
            errors: validationErrors,
            signal: options?.signal,
            deadlineMs: options?.timeoutMs ?? longestRunMs,
            stopGraceMs,
            onProgress: options?.progress,
          },
        );
        // No code is expected, so that every failure was thrown.
        if (!outcome.ok) throw outcome.failure as Error;
        const { path, base64, warnings } = outcome.data;
        if (path === null || base64 === '') throw failure('VALIDATION_NO_REPORT', { server: nodes[0] ?? '' });
        return { bytes: Buffer.from(base64, 'base64'), warnings };
      } catch (error) {
        const left = error instanceof Failure && error.code === 'CANCELLED' ? await takeLeft(reportName) : null;
        if (left === null) throw error;
        return left;
      }
    },
  };
};
