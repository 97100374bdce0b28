import * as z from 'zod';
import { availabilityReportSchema } from '../availability/report.ts';
import { stateDocumentSchema } from '../availability/state.ts';
import { whatIfSchema } from '../availability/what-if.ts';
import { clusterFileSchema } from './cluster-file.ts';
import { collectedSchema } from './collected.ts';
import { hostFactsSchema } from './facts.ts';
import { qualificationComparisonSchema } from './qualification-comparison.ts';
import { qualificationReportSchema } from './qualification.ts';
import { validationReportSchema } from '../validation/report.ts';
import { comparisonSchema, readinessReportSchema } from './readiness-report.ts';

/** The documents that leave the product: their JSON Schemas in docs/schemas are made from these models. */
export const publishedDocuments = {
  facts: { title: 'The facts of one machine', schema: hostFactsSchema },
  collected: { title: 'What the collector writes', schema: collectedSchema },
  readiness: { title: 'A readiness report', schema: readinessReportSchema },
  comparison: { title: 'Servers side by side', schema: comparisonSchema },
  qualification: { title: 'The qualification of a logical unit', schema: qualificationReportSchema },
  'validation-report': { title: 'A cluster validation report, read', schema: validationReportSchema },
  'qualification-comparison': { title: 'Qualifications side by side', schema: qualificationComparisonSchema },
  'availability-state': { title: 'A configuration whose availability is asked for', schema: stateDocumentSchema },
  'availability-what-if': { title: 'What is left after losses', schema: whatIfSchema },
  availability: { title: 'An availability report', schema: availabilityReportSchema },
  /** Written by people: its schema is of what they may write, not of what is made of it. */
  cluster: { title: 'A cluster file: what several servers are to become', schema: clusterFileSchema, isInput: true },
} as const;

/** The JSON Schema (draft 2020-12) of a published document, as text. */
export const jsonSchemaText = (name: keyof typeof publishedDocuments): string => {
  const { title, schema, ...document } = publishedDocuments[name];
  const io = 'isInput' in document ? 'input' : 'output';
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, reused: 'ref' });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
};
