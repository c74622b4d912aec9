"""Is what somebody else wrote borne out by the sentences that it names?"""
