"""Checks before a deployment, of what CloudFormation and SAM do not report before they begin."""
