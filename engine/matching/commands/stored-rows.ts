import { RecordFrameBuilder } from '../../codec/index.ts';
import type { KernelCore } from '../core.ts';
import type { StoredLayout } from '../stored-fields.ts';

/** Records read back at once. */
const BATCH = 512;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Brings stored records to hand as rows, one after the other, as if they had just come.
 * @param entries in order
 * @param layoutOf the layout that an entry was written by
 * @param each is called with the row at hand, and the place of its entry; it must not bind another frame
 */
export function forEachStoredRow(
  core: KernelCore,
  entries: Int32Array,
  layoutOf: (entry: number) => StoredLayout,
  each: (place: number) => void,
): void {
  const { reader } = core;
  const cursor = core.cursor();
  const builder = new RecordFrameBuilder({ maxRecords: BATCH, maxBytes: MAX_BYTES });
  for (let from = 0; from < entries.length; from += builder.count) {
    builder.reset();
    for (let place = from; place < entries.length; place++) {
      const entry = entries[place]!;
      if (!builder.add(cursor.to(entry, layoutOf(entry)).record())) break;
    }
    const frame = builder.build();
    // An entry may be gone when its row comes to hand, so that its arrival is kept.
    const arrivals = Array.from({ length: frame.count }, (_, row) =>
      core.entries.arrival(entries[from + row]!),
    );
    reader.bind(frame);
    for (let row = 0; row < frame.count; row++) {
      reader.read(row);
      reader.fingerprint();
      core.row.arrival = arrivals[row]!;
      each(from + row);
    }
  }
}
