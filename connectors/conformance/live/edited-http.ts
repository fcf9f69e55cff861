import type { ProviderHttp } from '../../contract/index.ts';

/** Calls a provider, and changes the text of its answers on the way, as long as `edit` gives something to do so. */
export function editedHttp(
  http: ProviderHttp,
  edit: () => ((text: string) => string) | undefined,
): ProviderHttp {
  return {
    async send(request, signal) {
      const response = await http.send(request, signal);
      const change = edit();
      if (change === undefined) return response;
      return { ...response, body: Buffer.from(change(Buffer.from(response.body).toString('utf8'))) };
    },
    async fetch(input, init) {
      const response = await http.fetch(input, init);
      const change = edit();
      if (change === undefined) return response;
      const { status, headers } = response;
      return new Response(change(await response.text()), { status, headers });
    },
  };
}
