namespace Microsoft.PowerShell.Commands;

/// <summary>The exception of Write-Error, by the name that error ids and scripts see.</summary>
public sealed class WriteErrorException(string message = "") : Exception(message);
