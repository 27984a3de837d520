"""The words of the decision: plain frozen values, standard library only.

Every other layer speaks in these types. Nothing here parses, decides or does I/O, so importing this
package costs next to nothing and can never pull in a network or cryptography library.
"""
