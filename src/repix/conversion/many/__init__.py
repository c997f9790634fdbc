"""Many files: which becomes which, what was done already, several at a time, whatever happens to the process."""
