"""The demo world: a believable small country that the application itself could have made.

Everything goes through the domain functions under a moving clock; no span, figure or stage is inserted. Children are
fictional: given names and surnames are drawn apart, IDs carry the unassigned office code 9999.
"""
