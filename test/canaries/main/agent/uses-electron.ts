// expects: reserved: electron
import 'electron';
