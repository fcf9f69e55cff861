/** Records in a frame unless told otherwise: more gains little throughput and costs latency. */
export const DEFAULT_MAX_RECORDS = 512;

/** Encoded bytes of a frame unless told otherwise: half of what a nats-server accepts by default. */
export const DEFAULT_MAX_BYTES = 524_288;

/** The most records a frame can ever have: row indexes into dictionaries are 16 bits wide. */
export const MAX_FRAME_RECORDS = 65_536;

/** The most distinct values of a dictionary. */
export const MAX_DICTIONARY = 65_536;

/** The most bytes a frame may be built with. */
export const MAX_FRAME_BYTES = 67_108_864;

/** Times a frame can carry, epoch milliseconds: the range of a JavaScript date. */
export const MAX_TIME = 8.64e15;

/** Days a frame can carry: 0000-01-01 to 9999-12-31, the years that are written with four digits. */
export const MIN_DAY = -719_528;
export const MAX_DAY = 2_932_896;

/** Offsets from UTC that exist, in minutes. */
export const MIN_OFFSET_MINUTES = -720;
export const MAX_OFFSET_MINUTES = 840;
