/** Where the service tells what happened; what is told holds no secret. */
export interface PeerLog {
  error(detail: object, message: string): void;
  info(detail: object, message: string): void;
}
