import { CircuitState, ConsecutiveBreaker, CountBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import type { CircuitBreakerPolicy, IBreaker } from 'cockatiel';
import { Aborted } from './aborted.ts';
import type { HttpClock } from './clock.ts';
import type { BreakerState } from './observer.ts';
import type { BreakerSettings } from './settings.ts';

const STATES: { readonly [state in CircuitState]: BreakerState } = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'halfOpen',
  [CircuitState.Isolated]: 'open',
};

export interface HostBreakerOptions {
  readonly settings: BreakerSettings;
  readonly clock: HttpClock;
  /** Whether an error says that the host is down, and not just that this request was wrong. */
  readonly isHostFailure: (error: unknown) => boolean;
  readonly onState: (state: BreakerState) => void;
}

/**
 * Leaves a host alone that has failed too often, and after a while lets one request through as a probe. How long it is
 * left alone is reckoned here, by the clock that is given: the policy itself would ask the system's.
 */
export class HostBreaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #options: HostBreakerOptions;
  #coolDownMs: number;
  #openUntilMs = -Infinity;
  #wasProbeAborted = false;

  constructor(options: HostBreakerOptions) {
    const { settings, clock, isHostFailure, onState } = options;
    this.#options = options;
    this.#coolDownMs = settings.coolDown;
    this.#policy = circuitBreaker(
      // Of an aborted request nobody knows how it would have ended: as a probe it proves nothing.
      handleWhen((error) => error instanceof AbortedProbe || isHostFailure(error)),
      { breaker: eitherBreaker(settings), halfOpenAfter: -Infinity },
    );
    this.#policy.onStateChange((state) => {
      if (state === CircuitState.Open) this.#leaveAlone(clock.now());
      if (state === CircuitState.Closed) this.#coolDownMs = settings.coolDown;
      onState(STATES[state]);
    });
  }

  /** Whether a request would be let through now: `probe` if it would be the one that decides. */
  get admits(): 'yes' | 'probe' | 'no' {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return 'yes';
    if (state !== CircuitState.Open) return 'no';
    return this.#options.clock.now() >= this.#openUntilMs ? 'probe' : 'no';
  }

  /** When a request may be let through again, on the breaker's clock; in the past while one may. */
  get openUntilMs(): number {
    return this.#policy.state === CircuitState.Closed ? -Infinity : this.#openUntilMs;
  }

  /** To be called only while {@link admits} is not `no`, in the same turn of the event loop. */
  async run<T>(request: () => Promise<T>): Promise<T> {
    const isProbe = this.admits === 'probe';
    try {
      return await this.#policy.execute(async () => {
        try {
          return await request();
        } catch (error) {
          if (!isProbe || !(error instanceof Aborted)) throw error;
          this.#wasProbeAborted = true;
          throw new AbortedProbe(error);
        }
      });
    } catch (error) {
      throw error instanceof AbortedProbe ? error.aborted : error;
    }
  }

  #leaveAlone(nowMs: number): void {
    if (this.#wasProbeAborted) {
      this.#wasProbeAborted = false;
      this.#openUntilMs = nowMs;
      return;
    }
    this.#openUntilMs = nowMs + this.#coolDownMs;
    this.#coolDownMs = Math.min(this.#coolDownMs * 2, this.#options.settings.maxCoolDown);
  }
}

class AbortedProbe extends Error {
  readonly aborted: Aborted;

  constructor(aborted: Aborted) {
    super('the probe was aborted');
    this.aborted = aborted;
  }
}

/** Opens after failures in a row, which tells an outage soon, or by their share, which tells a host that half works. */
function eitherBreaker({ failures, errorRate, window }: BreakerSettings): IBreaker {
  const inARow = new ConsecutiveBreaker(failures);
  const share = new CountBreaker({ threshold: errorRate, size: window });
  return {
    state: undefined,
    success(state) {
      inARow.success();
      share.success(state);
    },
    failure(state) {
      const byShare = share.failure(state);
      return inARow.failure() || byShare;
    },
  };
}
