import type { SimulatedAnswer } from '../http-server.ts';

export function json(value: unknown): SimulatedAnswer {
  return { status: 200, headers: { 'paypal-debug-id': 'simulated' }, body: JSON.stringify(value) };
}

/** An error in PayPal's form. */
export function failure(status: number, name: string, message: string, issue?: string): SimulatedAnswer {
  return {
    status,
    headers: { 'paypal-debug-id': 'simulated' },
    body: JSON.stringify({
      name,
      message,
      debug_id: 'simulated',
      ...(issue === undefined ? {} : { details: [{ issue }] }),
    }),
  };
}
