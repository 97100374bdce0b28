/** What a running target tells whoever started it. */
export type TargetEvent =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number; readonly portalGroupTag: number }
  | {
      readonly kind: 'login';
      readonly session: number;
      readonly sessionType: 'Normal' | 'Discovery';
      readonly initiatorName: string;
      readonly isid: string;
      readonly targetName: string | null;
      readonly from: string;
      readonly reinstated: boolean;
    }
  | { readonly kind: 'loginRefused'; readonly from: string; readonly status: string; readonly because: string }
  | { readonly kind: 'sessionEnded'; readonly session: number; readonly because: string }
  | { readonly kind: 'fault'; readonly fault: string; readonly steps: readonly string[] }
  | { readonly kind: 'protocolError'; readonly from: string; readonly because: string };
