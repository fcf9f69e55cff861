import type { Connector } from '../../contract/index.ts';
import { readReport } from './read-report.ts';
import { paypalReportSettings } from './settings.ts';
import type { PaypalReportSettings } from './settings.ts';

/**
 * PayPal's settlement reports. A connector of its own, because whoever fetches the files by SFTP needs no key of the API, and
 * because files say with `path` where they are, and API sources have no such thing.
 */
export const paypalReport: Connector<PaypalReportSettings> = {
  name: 'paypal-report',
  title: 'PayPal settlement reports (STL files)',
  capabilities: {
    files: true,
    push: false,
    webhooks: false,
    polling: false,
    balances: false,
    appendable: false,
  },
  settings: paypalReportSettings,
  readFile: readReport,
};
