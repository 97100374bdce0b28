// The engine of PowerShell for Windows without its console program, which starts under Wine and runs nothing. It does what `-Command -` does: each line
// of standard input is run as it comes, in one runspace.
using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
runspace.Open();
for (var line = Console.In.ReadLine(); line != null; line = Console.In.ReadLine()) {
  using var shell = PowerShell.Create(runspace);
  try {
    foreach (var one in shell.AddScript(line).Invoke()) Console.Out.WriteLine(one);
    foreach (var error in shell.Streams.Error) Console.Error.WriteLine(error);
  } catch (RuntimeException failed) {
    Console.Error.WriteLine($"{failed.ErrorRecord.FullyQualifiedErrorId}: {failed.Message}");
  }
}
