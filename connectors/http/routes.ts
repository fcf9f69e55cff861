import { HostBreaker } from './breaker.ts';
import type { HttpClock } from './clock.ts';
import { isHostFailure } from './failures.ts';
import type { HttpObserver } from './observer.ts';
import type { BreakerSettings } from './settings.ts';

/** One of the base URLs by which a provider is reached. */
export interface Route {
  readonly base: string;
  /** Host and port, for messages and metrics. */
  readonly host: string;
  /** Routes over one host have one breaker. */
  readonly breaker: HostBreaker;
}

interface HeldRoute extends Route {
  /** The provider asked to be left alone until then. */
  heldUntilMs: number;
}

export interface RoutesOptions {
  readonly bases: readonly string[];
  readonly breaker: BreakerSettings;
  readonly clock: HttpClock;
  readonly observer: HttpObserver;
}

/** The routes of a source, the preferred one first. */
export class Routes {
  readonly #routes: readonly HeldRoute[];
  readonly #clock: HttpClock;
  readonly #observer: HttpObserver;
  #answering: Route;

  constructor({ bases, breaker: settings, clock, observer }: RoutesOptions) {
    const breakers = new Map<string, HostBreaker>();
    this.#routes = bases.map((base) => {
      const { host } = new URL(base);
      let breaker = breakers.get(host);
      if (breaker === undefined) {
        const onState = observer.breaker?.bind(observer, host) ?? ((): void => undefined);
        breaker = new HostBreaker({ settings, clock, isHostFailure, onState });
        breakers.set(host, breaker);
      }
      return { base, host, breaker, heldUntilMs: -Infinity };
    });
    this.#clock = clock;
    this.#observer = observer;
    this.#answering = this.#routes[0]!;
  }

  /**
   * The routes that may be tried now, in order.
   * @param isRepeatable a request that may not be sent twice is kept from a host that is only being probed, while
   *   there is another
   */
  candidates(isRepeatable: boolean): readonly Route[] {
    const nowMs = this.#clock.now();
    const open = this.#routes.filter(
      ({ breaker, heldUntilMs }) => breaker.admits !== 'no' && heldUntilMs <= nowMs,
    );
    if (isRepeatable) return open;
    const isSure = ({ breaker }: Route): boolean => breaker.admits === 'yes';
    return [...open.filter(isSure), ...open.filter((route) => !isSure(route))];
  }

  /** How long until a route may be tried: 0 for now, undefined where breakers keep all of them closed to requests. */
  waitMs(): number | undefined {
    const admitted = this.#routes.filter(({ breaker }) => breaker.admits !== 'no');
    if (admitted.length === 0) return undefined;
    const first = Math.min(...admitted.map(({ heldUntilMs }) => heldUntilMs));
    return Math.max(0, first - this.#clock.now());
  }

  /** When the first breaker lets a probe through, in milliseconds from now. */
  probeInMs(): number {
    const first = Math.min(...this.#routes.map(({ breaker }) => breaker.openUntilMs));
    return Math.max(0, first - this.#clock.now());
  }

  /** Leaves a route alone, as its provider asked. */
  hold(route: Route, ms: number): void {
    const held = this.#routes.find((each) => each === route);
    if (held !== undefined) held.heldUntilMs = this.#clock.now() + ms;
  }

  /** A route has answered. */
  answered(route: Route): void {
    if (route === this.#answering) return;
    const before = this.#answering;
    this.#answering = route;
    const place = (each: Route): number => this.#routes.findIndex((other) => other === each);
    this.#observer.failover?.(before.host, route.host, place(route) < place(before));
  }

  get hosts(): string {
    return [...new Set(this.#routes.map(({ host }) => host))].join(', ');
  }
}
