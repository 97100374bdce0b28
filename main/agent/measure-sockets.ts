import { MeasureSockets } from '../peer/measure/sockets.ts';

/** The sockets that this process measures with. They outlive the server that is open at the moment: what answers another server may not end with an idle PowerShell. */
export const measureSockets = new MeasureSockets();
