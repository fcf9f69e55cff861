import { CounterfoilError, formatDay } from '../../engine/domain/index.ts';
import type { MoneyRecord, Origin, Translated } from '../../engine/domain/index.ts';
import { MAX_ID, deadLetter, keepTexts } from '../contract/index.ts';
import type { FileContext } from '../contract/index.ts';
import { decode } from '../mt940/line-texts.ts';
import { balanceFinding } from '../statements/index.ts';
import { movementOf, written } from './charges.ts';
import type { StatedAmounts } from './charges.ts';
import { fieldOf, malformed, readParty, readSettled, readSum, textOf } from './fields.ts';
import type { Party } from './fields.ts';
import { MESSAGE_LIMIT_BYTES } from './messages.ts';
import type { RawMessage } from './messages.ts';
import type { Direction, Mt103Settings } from './settings.ts';

/** Block 2: from or into the network, the type, and of what came from it who sent it. */
const APPLICATION = /\{2:([IO])(\d{3})([^{}]*)\}/;
const UETR = /\{121:([^{}]{1,64})\}/;
/** Behind the time in block 2 of what came from the network: the date on which it was sent, and the sender. */
const SENT_BY = /^\d{4}\d{6}([A-Z0-9]{12})/;
/** Block 1: whose message it is, in what goes into the network. */
const BASIC = /\{1:[A-Z]\d\d([A-Z0-9]{12})/;

/** The type that a message says it has; undefined where it says none. */
export function typeOf({ header }: RawMessage): string | undefined {
  return applicationOf(header)?.[2];
}

/** The parts of block 2; undefined where there is none, or there are several that may differ. */
function applicationOf(header: string): RegExpExecArray | undefined {
  const isOne = header.indexOf('{2:') === header.lastIndexOf('{2:');
  return isOne ? (APPLICATION.exec(header) ?? undefined) : undefined;
}

/** What a message comes to: a record, with a finding before it where its amounts do not come to each other. Pure. */
export function translateMessage(
  message: RawMessage,
  context: FileContext,
  settings: Pick<Mt103Settings, 'direction'>,
): Translated[] {
  const origin: Origin = {
    file: context.file,
    line: message.line,
    offset: message.offset,
    ordinal: 0,
  };
  try {
    return read(message, origin, context, settings);
  } catch (error) {
    return [deadLetter(context.source, error, origin, decode(message.raw))];
  }
}

function read(
  message: RawMessage,
  origin: Origin,
  context: FileContext,
  settings: Pick<Mt103Settings, 'direction'>,
): Translated[] {
  if (message.isOversized) throw malformed(`the message is larger than ${MESSAGE_LIMIT_BYTES} bytes`);
  if (!message.isWhole) throw malformed('the message has no end (-}); is the file cut off?');
  const reference = textOf(fieldOf(message, '20'));
  if (reference === undefined) throw malformed("the message has no sender's reference (:20:)");
  const settledField = fieldOf(message, '32A');
  if (settledField === undefined)
    throw malformed('the message has no settled amount (:32A:); is it an MT103?');
  const { day, settled } = readSettled(settledField);
  const direction = directionOf(message, settings);
  const stated = readAmounts(message, settled);
  const movement = movementOf(stated, direction);
  const payer = readParty(fieldOf(message, '50A', '50F', '50K'));
  const payee = readParty(fieldOf(message, '59', '59A', '59F'));
  const [own, other] = direction === 'incoming' ? [payee, payer] : [payer, payee];
  const sender = senderOf(message.header);
  const uetr = UETR.exec(message.header)?.[1]?.trim().toLowerCase();
  const id = `${uetr ?? `${sender ?? ''}/${formatDay(day)}`}/${reference}/${direction}`;
  if (id.length > MAX_ID) throw new CounterfoilError('invalidField', `:20: has over ${MAX_ID} characters`);
  const record: MoneyRecord = {
    source: context.source,
    id,
    account: context.accounts.ofIdentifier(own.account ?? ''),
    kind: 'bank',
    status: 'booked',
    currency: settled.currency,
    amount: movement.amount,
    fee: movement.fee,
    tax: 0n,
    ...context.zone.startOfDay(day),
    valueDate: day,
    references: keepTexts('references', {
      reference,
      ...optional({
        uetr,
        remittance: textOf(fieldOf(message, '70')),
        orderingAccount: payer.account,
        beneficiaryAccount: payee.account,
      }),
    }),
    ...originalOf(stated, direction),
    attributes: attributesOf(message, stated, direction, other),
  };
  const item: Translated = { type: 'record', record, origin };
  if (movement.residual === undefined) return [item];
  const subject = {
    source: context.source,
    account: record.account,
    currency: record.currency,
    place: `${context.file}:${message.line}: message ${reference}`,
  };
  return [balanceFinding('balance', subject, movement.residual.amount, movement.residual.why, id), item];
}

/** What was instructed, where it is in another currency. */
function originalOf(
  { settled, instructed }: StatedAmounts,
  direction: Direction,
): Pick<MoneyRecord, 'original'> {
  if (instructed === undefined || instructed.currency === settled.currency) return {};
  const { amount, currency } = instructed;
  return { original: { amount: direction === 'incoming' ? amount : -amount, currency } };
}

function attributesOf(
  message: RawMessage,
  { instructed, sendersCharges, receiversCharges }: StatedAmounts,
  direction: Direction,
  counterparty: Party,
): { [name: string]: string } {
  return keepTexts('attributes', {
    type: 'MT103',
    direction,
    ...optional({
      counterpartyName: counterparty.name,
      counterpartyAccount: counterparty.account,
      counterpartyBank: textOf(fieldOf(message, '52A', '52D')),
      senderBank: senderOf(message.header),
      operation: textOf(fieldOf(message, '23B')),
      chargesBearer: textOf(fieldOf(message, '71A')),
      instructed: instructed === undefined ? undefined : written(instructed),
      sendersCharges: sendersCharges.map(written).join(', '),
      receiversCharges: receiversCharges === undefined ? undefined : written(receiversCharges),
      exchangeRate: textOf(fieldOf(message, '36'))?.replace(',', '.'),
      information: textOf(fieldOf(message, '72'), '\n'),
    }),
  });
}

/** @throws CounterfoilError `malformedStatement` where nobody says it */
function directionOf({ header }: RawMessage, settings: Pick<Mt103Settings, 'direction'>): Direction {
  if (settings.direction !== 'header') return settings.direction;
  const side = applicationOf(header)?.[1];
  if (side === undefined) {
    throw malformed(
      "no header ({2:O103 or {2:I103) says whether the transfer is to our account or from it; set the source's direction",
    );
  }
  return side === 'O' ? 'incoming' : 'outgoing';
}

function readAmounts(message: RawMessage, settled: StatedAmounts['settled']): StatedAmounts {
  const instructed = fieldOf(message, '33B');
  const receiversCharges = fieldOf(message, '71G');
  return {
    settled,
    instructed: instructed === undefined ? undefined : readSum(instructed),
    sendersCharges: message.fields.filter(({ tag }) => tag === '71F').map(readSum),
    receiversCharges: receiversCharges === undefined ? undefined : readSum(receiversCharges),
  };
}

/** The sender's BIC, without the letter of its terminal. */
function senderOf(header: string): string | undefined {
  const [, side, , rest] = applicationOf(header) ?? [];
  const terminal = (side === 'O' ? SENT_BY.exec(rest!) : BASIC.exec(header))?.[1];
  if (terminal === undefined) return undefined;
  const branch = terminal.slice(9);
  return branch === 'XXX' ? terminal.slice(0, 8) : terminal.slice(0, 8) + branch;
}

function optional(texts: { readonly [name: string]: string | undefined }): { [name: string]: string } {
  const kept: { [name: string]: string } = {};
  for (const [name, text] of Object.entries(texts)) if (text !== undefined && text !== '') kept[name] = text;
  return kept;
}
