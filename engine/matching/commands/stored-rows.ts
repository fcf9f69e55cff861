import type { KernelCore } from '../core.ts';
import type { StoredLayout } from '../stored-fields.ts';
import { StoredFrame } from './stored-frame.ts';

/** Records read back at once, but no more texts than this. */
const BATCH = 512;
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

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
  const rows = new StoredFrame(BATCH);
  // An entry may be gone when its row comes to hand, so that its arrival is kept.
  const arrivals = new Float64Array(BATCH);
  for (let from = 0; from < entries.length;) {
    for (let place = from; place < entries.length && rows.count < BATCH; place++) {
      const entry = entries[place]!;
      arrivals[rows.count] = core.entries.arrival(entry);
      rows.add(cursor.to(entry, layoutOf(entry)));
      if (rows.textBytes > MAX_TEXT_BYTES) break;
    }
    const frame = rows.build();
    reader.bind(frame);
    for (let row = 0; row < frame.count; row++) {
      reader.read(row);
      reader.readReferences();
      core.row.arrival = arrivals[row]!;
      each(from + row);
    }
    from += frame.count;
  }
}
