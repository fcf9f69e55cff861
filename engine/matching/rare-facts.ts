/** What most records have none of, as bits: which of them a stored record has. */
export const FEE = 1;
export const TAX = 2;
export const BOOKING_DATE = 4;
export const VALUE_DATE = 8;
export const AVAILABLE_ON = 16;
export const LINK = 32;
export const ORIGINAL = 64;
export const GROUP_COUNT = 128;
export const GROUP_TOTAL = 256;
export const VERSION = 512;
