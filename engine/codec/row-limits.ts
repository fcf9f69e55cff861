/** 1900-01-01 and 2299-12-31, the dates that ClickHouse's Date32 and DateTime64 hold, in days since 1970-01-01. */
export const MIN_DAY_STORED = -25_567;
export const MAX_DAY_STORED = 120_529;

/** The same in epoch milliseconds: 1900-01-01 00:00:00.000 to 2299-12-31 23:59:59.999. */
export const MIN_TIME_STORED: number = MIN_DAY_STORED * 86_400_000;
export const MAX_TIME_STORED: number = (MAX_DAY_STORED + 1) * 86_400_000 - 1;
