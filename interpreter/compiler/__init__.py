"""The core compiler: forms → core nodes (`forms`) → loops and captures decided (`analysis`) → Python code
(`emit`).
"""
