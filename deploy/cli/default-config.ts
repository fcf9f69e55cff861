/** The configuration that commands take when none is named. */
export const DEFAULT_CONFIG = 'counterfoil.yaml';
