import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', '.counterfoil/', 'node_modules/', 'coverage/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Typed arrays are read with `!` where the index is known to be in range: a check there costs the hot path.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Numbers are what this program prints.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // Ports have async methods that one adapter fulfils at once.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
