import type { Translated } from '../../engine/domain/index.ts';
import type { Connector, FileContext, FileInput } from '../contract/index.ts';
import { InterimTranslator } from './interim.ts';
import { readStatements } from './read-statements.ts';
import { mt940Settings, mt942Settings } from './settings.ts';
import type { Mt940Settings } from './settings.ts';
import { STATEMENT_LIMITS } from './raw-statement.ts';
import type { StatementLimits } from './raw-statement.ts';
import { StatementTranslator } from './translate.ts';

/** A statement that has grown has another closing date, and with it other ids. */
const capabilities = { files: true, push: false, webhooks: false, polling: false, appendable: false };

/** Bank statements as SWIFT MT940 files, bare or in their envelope. */
export const mt940: Connector<Mt940Settings> = {
  name: 'mt940',
  title: 'bank statements (SWIFT MT940 files)',
  capabilities: { ...capabilities, balances: true },
  settings: mt940Settings,
  readFile: (path, context, settings) => readMt940(path, context, settings),
};

/** @param limits of one statement; see {@link STATEMENT_LIMITS} */
export function readMt940(
  input: FileInput,
  context: FileContext,
  settings: Mt940Settings,
  limits: StatementLimits = STATEMENT_LIMITS,
): AsyncGenerator<Translated[]> {
  return readStatements(input, context, new StatementTranslator(context, settings, limits), limits);
}

/** What a bank reports in the course of a day, as SWIFT MT942 files, bare or in their envelope. */
export const mt942: Connector<Mt940Settings> = {
  name: 'mt942',
  title: 'interim bank reports (SWIFT MT942 files)',
  capabilities: { ...capabilities, balances: false },
  settings: mt942Settings,
  readFile: (path, context, settings) => readMt942(path, context, settings),
};

/** See {@link mt942}. */
export function readMt942(
  input: FileInput,
  context: FileContext,
  settings: Mt940Settings,
): AsyncGenerator<Translated[]> {
  return readStatements(
    input,
    context,
    new InterimTranslator(context, settings, STATEMENT_LIMITS),
    STATEMENT_LIMITS,
  );
}
