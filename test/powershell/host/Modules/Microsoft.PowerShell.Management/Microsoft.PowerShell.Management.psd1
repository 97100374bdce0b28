@{
    ModuleVersion = '7.0.0.0'
    GUID = 'eefcb906-b326-4e99-9f54-8b4bb6ef3c6d'
    RootModule = '../../quorate-management.dll'
    FunctionsToExport = @()
    AliasesToExport = @()
    CmdletsToExport = @('Join-Path', 'Split-Path', 'Test-Path')
}
