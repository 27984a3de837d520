"""One condition on a certificate a file. A rule is named by its key in the configuration."""
