// expects: reserved: node-powershell
import 'node-powershell';
