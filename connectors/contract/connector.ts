import type { Translated, Zone } from '../../engine/domain/index.ts';
import type { z } from 'zod';
import type { Accounts } from './accounts.ts';
import type { LiveContext, LiveSession } from './live.ts';
import type { CommonSettings } from './settings.ts';

/** The most items in one batch of {@link Connector.readFile}. */
export const MAX_BATCH_ITEMS = 512;

/** What a connector is told about the source it works for. Made once per source by `openSource`. */
export interface SourceContext {
  /** Name of the configured source: goes into every record. */
  readonly source: string;
  /** The zone of dates and of date-times without an offset. */
  readonly zone: Zone;
  /** Turns the identifier a provider gives into the settlement account. */
  readonly accounts: Accounts;
  /** One line for the operator: columns that are ignored, an encoding that had to be guessed. Never a secret. */
  notice(line: string): void;
}

/** Which part of a file is read; without anything all of it. */
export interface FilePortion {
  /** Bytes from here on are not read: they came after the caller looked, and are for the next reading. */
  readonly size?: number;
  /** Someone is writing the file: what no line's end closes is left for the next reading. Only if appendable. */
  readonly growing?: boolean;
  /** A row that an earlier reading gave. If appendable, rows before it may be left out; the caller passes over others. */
  readonly from?: { readonly offset: number; readonly line: number };
}

/** What {@link Connector.readFile} is told besides. */
export interface FileContext extends SourceContext, FilePortion {
  /** What the file is called in ids, origins and messages: its path as configured. */
  readonly file: string;
}

/** What {@link Connector.translate} is told besides. */
export interface PushContext extends SourceContext {
  /** Number of this delivery in the life of the process: the `offset` of its origins. */
  readonly delivery: number;
}

/** Which ways input reaches a connector, and what may be relied upon. */
interface Capabilities {
  /** Reads files; {@link Connector.readFile} is there. */
  readonly files: boolean;
  /** Takes payloads that are pushed to it; {@link Connector.translate} is there. */
  readonly push: boolean;
  /** Its provider sends webhooks; {@link LiveSession.webhooks} is there. */
  readonly webhooks: boolean;
  /** Its provider can be asked for what is new; {@link LiveSession.polling} is there. */
  readonly polling: boolean;
  /** It tells the balances that the source states beside its records. */
  readonly balances: boolean;
  /**
   * A file can be read while it grows, and be read on from where it ended: what its beginning says does not change.
   * A connector without this reads a file when it has settled and a changed one again as a whole, and the kernel drops
   * what it has seen.
   */
  readonly appendable: boolean;
}

/**
 * Translates what one kind of provider, bank or ledger says into records. It holds no state between calls and
 * fetches no clock, so that the same input always gives the same items: the runtime reads a file again after a crash
 * and relies on the same ids coming out.
 *
 * Input that cannot become a record becomes a dead letter in its place, and reading goes on. A connector throws only
 * where nothing sensible can follow: the file is gone or unreadable, or its columns cannot be found.
 */
export interface Connector<Settings extends CommonSettings = CommonSettings> {
  /** As written after `connector:` in the configuration. */
  readonly name: string;
  /** What it reads, in a few words, for lists and errors. */
  readonly title: string;
  readonly capabilities: Capabilities;
  /** Its settings, strict, every one documented and with a default where one is sensible; `connector` is not in it. */
  readonly settings: z.ZodType<Settings>;
  /**
   * Called by the file runner and the file command for each file, once per reading. Items come in the order of the
   * file, at most {@link MAX_BATCH_ITEMS} at a time, in memory that does not grow with the file; origins ascend. A
   * finding stands before the records it speaks about, or behind them, before what follows or at the end of the file.
   * The caller asks for the next batch while earlier ones are still being stored.
   * @param path where the file is, for opening it
   * @throws CounterfoilError `fileNotFound`, `unreadableFile`, `invalidConfig` (columns that are missing)
   */
  readFile?(path: string, context: FileContext, settings: Settings): AsyncIterable<Translated[]>;
  /**
   * Called by the API for each payload that is pushed. Pure: no I/O, and it throws for nothing that the payload may
   * hold. One payload makes as many items as it has records, in their order.
   */
  translate?(payload: unknown, context: PushContext, settings: Settings): Translated[];
  /**
   * Called for a dead letter that is read again: its payload as it was kept, or as a person corrected it, in text. No I/O,
   * and it gives the same ids as the first reading would have given. A connector that only reads files has none: the file
   * is read again.
   */
  retranslate?(
    payload: string,
    context: PushContext,
    settings: Settings,
  ): Translated[] | Promise<Translated[]>;
  /**
   * Called once for each source when the connectors start, if its provider sends webhooks or can be polled. What the
   * session keeps (tokens, certificates) may be lost at any time without harm; what must survive is in a cursor.
   */
  open?(context: LiveContext, settings: Settings): LiveSession;
}
