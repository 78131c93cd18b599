"""The data of the playground: points of a plane, generated, uploaded or drawn."""
